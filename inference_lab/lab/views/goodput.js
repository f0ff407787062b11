// Draws the view of goodput.py: Python runs and can be stopped; this file asks and shows.

const LEFT = 56, RIGHT = 84;
const AREA = { title: 16, top: 34, bottom: 250, name: 286, height: 294 };

function drawPicture(svg, picture) {
  const width = clear(svg, AREA.height), right = width - RIGHT;
  const ends = { x: picture.end_per_s, y: picture.goodput_end_per_s };
  const area = { left: LEFT, right, top: AREA.top, bottom: AREA.bottom };
  label(svg, 2, AREA.title, `Goodput, requests/s; faint: ${picture.range_words}`, "", "Goodput, requests/s");
  const { x, y } = drawAxes(svg, area, ends, { x: roundTicks(ends.x), y: roundTicks(ends.y) }, { x: "", y: "" });
  draw(svg, "text", { x: (LEFT + right) / 2, y: AREA.name, class: "soft middle" }, "requests/s that arrive");
  const plot = clipped(svg, area), all = Math.min(ends.x, ends.y);
  draw(plot, "line", { x1: x(0), y1: y(0), x2: x(all), y2: y(all), class: "guide" });
  label(svg, x(all) + 6, y(all) + 12, "all in time", "soft");
  drawRange(plot, picture.range.map(([rate, low, high]) => [x(rate), y(low), y(high)]));
  const place = (curve) => curve.points.map((point) => [x(point.rate_per_s), y(point.goodput_per_s)]);
  const former = picture.former ? place(picture.former) : [], points = place(picture.curve), labels = [];
  if (former.length) {
    drawCurve(plot, former, "former");
    const [kind] = picture.former.slo.split(":");
    labels.push({ at: former.at(-1), text: `before (${kind})`, name: "soft" });
  }
  if (points.length) {
    drawCurve(plot, points, "now", points.length - 1);
    const { goodput_per_s, share_met } = picture.curve.points.at(-1);
    labels.push({ at: points.at(-1), text: `${goodput_per_s.toFixed(1)} (${Math.round(100 * share_met)} %)`, name: "name" });
  }
  const heights = apart(labels.map(({ at }) => at[1] + 4), 15, AREA.top + 10, AREA.bottom - 4);
  labels.forEach(({ at, text, name }, i) => label(svg, at[0] + 12, heights[i], text, name));
}

function render({ model, el }) {
  const menu = newMenu({
    name: "Limits", described: "Limits of TTFT and TPOT", choices: model.get("choices"),
    value: model.get("picture").curve.slo,
  });
  const run = newButton("Run", "main"), stop = newButton("Stop");
  const progress = html("progress", { max: 100, value: 0, "aria-label": "Progress of the run, per cent" });
  const share = html("span", { "aria-hidden": "true" }), going = html("span", { class: "going" }, progress, share);
  const svg = newPicture(), words = newReading(), code = newCode(), patience = newPatience(model);
  const root = frame("goodput-view",
    newControls(menu.root, html("span", {}, run, " ", stop), going),
    newStage(svg), patience.notice, words, code.root);
  el.append(root);

  function send(message) {
    patience.wait();
    model.send(message);
  }

  /** Only one button can be pressed; who stands on the other is taken along. */
  function enable(running) {
    const [on, off] = running ? [stop, run] : [run, stop];
    const here = document.activeElement === off;
    on.disabled = false;
    if (here) on.focus();
    off.disabled = true;
    menu.input.disabled = running;
  }

  function show() {
    const picture = model.get("picture");
    patience.heard();
    enable(picture.state === "running");
    going.style.visibility = picture.state === "running" ? "" : "hidden"; // at rest it would look like a slider
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

  const advance = () => {
    patience.heard();
    progress.value = model.get("percent");
    share.textContent = `${progress.value} %`;
  };
  run.addEventListener("click", () => {
    enable(true);
    send({ do: "run", slo: menu.input.value });
  });
  stop.addEventListener("click", () => send({ do: "stop" }));
  menu.input.addEventListener("change", () => send({ do: "choose", slo: menu.input.value }));
  model.on("change:picture", show);
  model.on("change:percent", advance);
  advance();
  show();
  const ends = [onWidth(root, paint), onTheme(root, paint), patience.end];
  return () => {
    ends.forEach((end) => end());
    model.off("change:picture", show);
    model.off("change:percent", advance);
  };
}

export default { render };
