// Draws the view of latency_view.py. Python simulates; this file only shows and asks.

const SVG = "http://www.w3.org/2000/svg";
const SCALES = [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000]; // ends of the axis, ms
const BAR = { left: 50, right: 676, top: 12, height: 26, step: 44 };
const CURVE = { left: 50, right: 676, top: 150, bottom: 300 };

function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(parent, tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

function scaleEnd(ms) {
  return SCALES.find((end) => end >= ms) ?? ms;
}

/** Stripes for the queue, so that it is told from the prefill without colour. */
function drawHatch(svg, id) {
  const pattern = draw(draw(svg, "defs", {}), "pattern", {
    id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  draw(pattern, "rect", { width: 7, height: 7, class: "ground" });
  draw(pattern, "rect", { width: 2, height: 7, class: "stripe" });
}

/** The bars "mean" and "p99", each its queue (hatched) and its prefill (plain). */
function drawBars(svg, picture, hatch) {
  const longest = Math.max(...picture.bars.map((bar) => bar.queue_ms + bar.prefill_ms));
  const end = scaleEnd(longest);
  const x = (ms) => BAR.left + ((BAR.right - BAR.left) * ms) / end;
  picture.bars.forEach((bar, index) => {
    const y = BAR.top + index * BAR.step;
    const shape = { y, height: BAR.height };
    draw(svg, "text", { x: 4, y: y + 18, class: "name" }, bar.name);
    draw(svg, "rect", { ...shape, x: x(0), width: x(bar.queue_ms) - x(0), class: "part", fill: `url(#${hatch})` });
    draw(svg, "rect", { ...shape, x: x(bar.queue_ms), width: x(bar.prefill_ms) - x(0), class: "part prefill" });
    draw(svg, "text", { x: x(0), y: y + BAR.height + 13 }, bar.text);
  });
  const bottom = BAR.top + 2 * BAR.step;
  if (picture.slo_ms <= end) {
    draw(svg, "line", { x1: x(picture.slo_ms), x2: x(picture.slo_ms), y1: 4, y2: bottom, class: "limit" });
    draw(svg, "text", { x: x(picture.slo_ms) + 4, y: bottom, class: "small" }, `limit ${picture.slo_ms} ms`);
  }
  draw(svg, "text", { x: BAR.right, y: bottom + 16, class: "small end" }, `bars end at ${end} ms`);
}

/** Mean and p99 at each load that was visited, so that the learner's moves draw the curve. */
function drawCurve(svg, points, picture) {
  const end = scaleEnd(Math.max(picture.slo_ms, ...points.map((point) => point.p99)));
  const x = (load) => CURVE.left + ((CURVE.right - CURVE.left) * load) / 100;
  const y = (ms) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * ms) / end;
  draw(svg, "path", { d: `M${x(0)},${CURVE.top}V${CURVE.bottom}H${x(100)}`, class: "axis" });
  for (const load of [0, 20, 40, 60, 80, 100]) {
    draw(svg, "text", { x: x(load), y: CURVE.bottom + 16, class: "small middle" }, `${load} %`);
  }
  draw(svg, "text", { x: x(50), y: CURVE.bottom + 32, class: "small middle" }, "load");
  draw(svg, "text", { x: x(0) + 6, y: CURVE.top + 4, class: "small" }, `TTFT ${end} ms`);
  draw(svg, "line", { x1: x(0), x2: x(100), y1: y(picture.slo_ms), y2: y(picture.slo_ms), class: "limit" });
  draw(svg, "text", { x: x(100), y: y(picture.slo_ms) - 4, class: "small end" }, `limit ${picture.slo_ms} ms`);
  for (const name of ["mean", "p99"]) {
    const line = points.map((point) => `${x(point.load)},${y(point[name])}`).join(" ");
    draw(svg, "polyline", { points: line, class: `curve ${name}` });
    for (const point of points) {
      const now = point.load === picture.load_percent;
      draw(svg, "circle", { cx: x(point.load), cy: y(point[name]), r: now ? 6 : 3, class: name });
      if (now) {
        draw(svg, "text", { x: x(point.load), y: y(point[name]) - 10, class: "middle" }, name);
      }
    }
  }
}

function legend() {
  const part = (name) => html("span", {}, html("i", { class: name, "aria-hidden": "true" }), ` ${name}`);
  return html("div", { class: "legend" }, part("queue"), part("prefill"));
}

function render({ model, el }) {
  const [least, most] = model.get("bounds");
  const ownKeys = { "data-lm-suppress-shortcuts": "true" }; // else JupyterLab takes the arrow keys
  const slider = html("input", {
    ...ownKeys, type: "range", min: least, max: most, step: 5, "aria-label": "Load, per cent of its time on prefill",
  });
  const shown = html("b", { "aria-hidden": "true" });
  const select = html("select", { ...ownKeys, "aria-label": "Prompt length" });
  for (const choice of model.get("choices")) select.append(html("option", { value: choice }, choice));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 700 336");
  svg.setAttribute("role", "img");
  const words = html("p", { role: "status", "aria-live": "polite" });
  const root = html("div", { class: "latency-view" },
    html("div", { class: "controls" },
      html("label", {}, "Load (share of its time on prefill) ", slider, shown),
      html("label", {}, "Prompts ", select)),
    legend(), svg, words);
  el.append(root);

  const hatch = `hatch-${Math.random().toString(36).slice(2)}`;
  const visited = {}; // prompts → load → the point
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
    const points = (visited[picture.prompts] ??= {});
    points[picture.load_percent] = { load: picture.load_percent, mean, p99 };
    svg.replaceChildren();
    drawHatch(svg, hatch);
    drawBars(svg, picture, hatch);
    drawCurve(svg, Object.values(points).sort((a, b) => a.load - b.load), picture);
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.load_percent} ${picture.prompts}`;
    words.textContent = picture.reading;
    waiting = false;
    ask();
  }

  slider.value = model.get("load_percent");
  select.value = model.get("prompts");
  slider.addEventListener("input", ask);
  select.addEventListener("change", ask);
  model.on("change:picture", show);
  shown.textContent = ` ${slider.value} %`;
  show();
  return () => model.off("change:picture", show);
}

export default { render };
