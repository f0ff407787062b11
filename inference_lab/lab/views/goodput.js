// Draws the view of goodput.py: Python runs and can be stopped; this file asks and shows.

const LEFT = 56, RIGHT = 78;
const AREA = { title: 16, top: 32, bottom: 250, name: 286, height: 292 };

function drawPicture(svg, picture) {
  const width = clear(svg, AREA.height), end = picture.end_per_s, right = width - RIGHT;
  const area = { left: LEFT, right, top: AREA.top, bottom: AREA.bottom };
  const title = "Goodput, requests/s";
  label(svg, 2, AREA.title, `${title} (and the share of requests that keep both limits)`, "name", title);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * end);
  const { x, y } = drawAxes(svg, area, { x: end, y: end }, ticks, number);
  draw(svg, "text", { x: (LEFT + right) / 2, y: AREA.name, class: "small middle" }, "requests/s that arrive");
  draw(svg, "line", { x1: x(0), y1: y(0), x2: x(end), y2: y(end), class: "ideal" });
  draw(svg, "text", { x: x(0.72 * end) - 8, y: y(0.75 * end), class: "small end" }, width < NARROW ? "all kept" : "if all kept both limits");
  const place = (curve) => curve.points.map((point) => [x(point.rate_per_s), y(point.goodput_per_s)]);
  const former = picture.former ? place(picture.former) : [], points = place(picture.curve), labels = [];
  if (former.length) {
    drawCurve(svg, former, "former", "circle", -1);
    const [kind] = picture.former.slo.split(":");
    labels.push({ at: former.at(-1), text: `before (${kind})`, name: "small" });
  }
  if (points.length) {
    drawCurve(svg, points, "now", "square", points.length - 1);
    const { goodput_per_s, share_met } = picture.curve.points.at(-1);
    labels.push({ at: points.at(-1), text: `${goodput_per_s.toFixed(1)} (${Math.round(100 * share_met)} %)`, name: "name" });
  } else if (picture.state !== "running") {
    draw(svg, "text", { x: x(0.72 * end), y: y(0.3 * end), class: "middle" }, "press Run");
  }
  const heights = apart(labels.map(({ at }) => at[1] + 12), 15, AREA.top, AREA.bottom - 4);
  labels.forEach(({ at, text, name }, i) => label(svg, at[0] + 12, heights[i], text, name));
}

function render({ model, el }) {
  const select = html("select", { "aria-label": "Limits of TTFT and TPOT" });
  for (const choice of model.get("choices")) select.append(html("option", { value: choice }, choice));
  const run = html("button", { type: "button" }, "Run"), stop = html("button", { type: "button" }, "Stop");
  const progress = html("progress", { max: 100, value: 0, "aria-label": "Progress of the run, per cent" });
  const svg = newPicture(), words = newReading(), code = newCode();
  const root = frame("goodput-view",
    html("div", { class: "controls" }, html("label", {}, "Limits ", select), html("span", {}, run, " ", stop), progress),
    svg, words, code.root);
  el.append(root);

  /** Only one button can be pressed; who stands on the other is taken along. */
  function enable(running) {
    const [on, off] = running ? [stop, run] : [run, stop];
    const here = document.activeElement === off;
    on.disabled = false;
    if (here) on.focus();
    off.disabled = true;
    select.disabled = running;
  }

  function show() {
    const picture = model.get("picture");
    enable(picture.state === "running");
    if (words.textContent !== picture.reading) words.textContent = picture.reading;
    code.show(picture.code);
    paint();
  }

  function paint() {
    const picture = model.get("picture");
    drawPicture(svg, picture);
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.curve.points.length} ${picture.state}`;
  }

  const advance = () => (progress.value = model.get("percent"));
  run.addEventListener("click", () => {
    enable(true);
    model.send({ do: "run", slo: select.value });
  });
  stop.addEventListener("click", () => {
    model.send({ do: "stop" });
  });
  select.value = model.get("picture").curve.slo;
  model.on("change:picture", show);
  model.on("change:percent", advance);
  advance();
  show();
  const endWidth = onWidth(root, paint);
  return () => {
    endWidth();
    model.off("change:picture", show);
    model.off("change:percent", advance);
  };
}

export default { render };
