// Draws the view of latency.py. Python simulates; this file only shows and asks.

const LEFT = 66, RIGHT = 22;
const BAR = { top: 6, height: 22, step: 46, ticks: 112 };
const CURVE = { title: 142, top: 156, bottom: 296, ticks: 312, name: 330, height: 338 };

/** The bars "mean" and "p99", each its queue (hatched) and its prefill (plain). */
function drawBars(svg, picture, hatch, x) {
  const narrow = svg.viewBox.baseVal.width < NARROW;
  picture.bars.forEach((bar, index) => {
    const y = BAR.top + index * BAR.step, bottom = y + BAR.height;
    const shape = { y, height: BAR.height };
    draw(svg, "text", { x: LEFT - 8, y: y + 16, class: "name end" }, bar.name);
    draw(svg, "rect", { ...shape, x: x(0), width: x(bar.queue_ms) - x(0), class: "part", fill: `url(#${hatch})` });
    draw(svg, "rect", { ...shape, x: x(bar.queue_ms), width: x(bar.prefill_ms) - x(0), class: "part prefill" });
    draw(svg, "text", { x: narrow ? 2 : x(0), y: bottom + 15 }, bar.text);
    draw(svg, "line", { x1: x(picture.slo_ms), x2: x(picture.slo_ms), y1: y - 4, y2: bottom + 3, class: "limit" });
  });
  for (const [ms, place] of [[0, ""], [picture.end_ms / 2, "middle"], [picture.end_ms, "end"]]) {
    draw(svg, "line", { x1: x(ms), x2: x(ms), y1: BAR.ticks - 17, y2: BAR.ticks - 12, class: "axis" });
    if (narrow && place === "middle") continue; // no room for its number
    draw(svg, "text", { x: x(ms), y: BAR.ticks, class: `small ${place}` }, milliseconds(ms));
  }
  draw(svg, "path", { d: `M${x(0)},${BAR.ticks - 17}H${x(picture.end_ms)}`, class: "axis" });
}

/** Mean and p99 at each load that was visited, so that the learner's moves draw the curve. */
function drawVisited(svg, picture, points, former, clip) {
  const right = svg.viewBox.baseVal.width - RIGHT;
  const x = (load) => LEFT + ((right - LEFT) * load) / 100;
  const y = (ms) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * ms) / picture.end_ms;
  label(svg, LEFT, CURVE.title, "TTFT at each load you visited", "small");
  for (const ms of [0, picture.end_ms / 2, picture.end_ms]) {
    draw(svg, "line", { x1: LEFT, x2: right, y1: y(ms), y2: y(ms), class: "grid" });
    draw(svg, "text", { x: LEFT - 8, y: y(ms) + 4, class: "small end" }, milliseconds(ms));
  }
  for (const load of right < NARROW ? [0, 50, 100] : [0, 20, 40, 60, 80, 100]) {
    draw(svg, "text", { x: x(load), y: CURVE.ticks, class: "small middle" }, `${load} %`);
  }
  draw(svg, "text", { x: x(50), y: CURVE.name, class: "small middle" }, "load");
  draw(svg, "line", { x1: LEFT, x2: right, y1: y(picture.slo_ms), y2: y(picture.slo_ms), class: "limit" });
  const frame = { x: LEFT - 8, y: CURVE.top - 8, width: right - LEFT + 16, height: y(0) - CURVE.top + 16 };
  draw(draw(svg, "clipPath", { id: clip }), "rect", frame);
  const plot = draw(svg, "g", { "clip-path": `url(#${clip})` }); // a former curve may leave the scale
  for (const [name, series] of [["former", former], ["mean", points], ["p99", points]]) {
    const value = (point) => point[name] ?? point.p99;
    const line = series.map((point) => `${x(point.load)},${y(value(point))}`).join(" ");
    draw(plot, "polyline", { points: line, class: `curve ${name}` });
    for (const point of series) {
      const now = series === points && point.load === picture.load_percent;
      draw(plot, "circle", { cx: x(point.load), cy: y(value(point)), r: now ? 6 : 3, class: name });
    }
  }
}

function legend() {
  const part = (name, text) =>
    html("span", { class: `of-${name}` }, html("i", { class: name, "aria-hidden": "true" }), html("span", {}, text));
  const former = part("former", ""), limit = part("limit", "");
  const names = [["queue", "queue"], ["prefill", "prefill"], ["p99", "p99"], ["mean", "mean"]];
  const root = html("div", { class: "legend" }, ...names.map(([name, text]) => part(name, text)), limit, former);
  return { root, former, limit };
}

function render({ model, el }) {
  const [least, most] = model.get("bounds");
  const slider = html("input", {
    type: "range", min: least, max: most, step: 5, "aria-label": "Load, per cent of its time on prefill",
  });
  const shown = html("b", { "aria-hidden": "true" });
  const select = html("select", { "aria-label": "Prompt length" });
  for (const choice of model.get("choices")) select.append(html("option", { value: choice }, choice));
  const svg = newPicture(), key = legend(), words = newReading(), code = newCode();
  const root = frame("latency-view",
    html("div", { class: "controls" },
      html("label", {}, "Load (share of its time on prefill) ", html("span", {}, slider, shown)),
      html("label", {}, "Prompts ", select)),
    key.root, svg, words, code.root);
  el.append(root);

  const own = Math.random().toString(36).slice(2); // ids are of the whole page
  const visited = {}; // prompts → load → the point
  let current, former; // prompt lengths: of this picture, and the one that was chosen before
  let waiting = false; // one simulation at a time: what the hand does meanwhile, only the last counts

  function ask() {
    shown.textContent = ` ${slider.value} %`;
    slider.setAttribute("aria-valuetext", `${slider.value} per cent`);
    const same = Number(slider.value) === model.get("load_percent") && select.value === model.get("prompts");
    if (waiting || same) return;
    waiting = true;
    model.set({ load_percent: Number(slider.value), prompts: select.value });
    model.save_changes();
  }

  function show() {
    const picture = model.get("picture");
    const [mean, p99] = picture.bars.map((bar) => bar.queue_ms + bar.prefill_ms);
    (visited[picture.prompts] ??= {})[picture.load_percent] = { load: picture.load_percent, mean, p99 };
    if (picture.prompts !== current) [former, current] = [current, picture.prompts];
    paint();
    words.textContent = picture.reading;
    code.show(picture.code);
    waiting = false;
    ask();
  }

  function paint() {
    const picture = model.get("picture");
    const width = clear(svg, CURVE.height);
    const x = (ms) => LEFT + ((width - RIGHT - LEFT) * ms) / picture.end_ms;
    const curve = (prompts) => Object.values(visited[prompts] ?? {}).sort((a, b) => a.load - b.load);
    drawHatch(svg, `hatch-${own}`, "queue");
    drawBars(svg, picture, `hatch-${own}`, x);
    drawVisited(svg, picture, curve(current), curve(former), `clip-${own}`);
    key.limit.lastChild.textContent = `limit for the p99: ${milliseconds(picture.slo_ms)}`;
    key.former.lastChild.textContent = `p99 before: ${former}`;
    key.former.hidden = former === undefined;
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.load_percent} ${picture.prompts}`;
  }

  slider.value = model.get("load_percent");
  select.value = model.get("prompts");
  slider.addEventListener("input", ask);
  select.addEventListener("change", ask);
  model.on("change:picture", show);
  shown.textContent = ` ${slider.value} %`;
  show();
  const endWidth = onWidth(root, paint);
  return () => {
    endWidth();
    model.off("change:picture", show);
  };
}

export default { render };
