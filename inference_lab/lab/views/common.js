// What all views share: nodes, the frame of a view, axes and curves.

const SVG = "http://www.w3.org/2000/svg";
const NARROWEST = 230, NARROW = 420, WIDE = 720; // px; one unit of a drawing is one pixel

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

function number(value) {
  return value.toLocaleString("en");
}

function milliseconds(ms) {
  return `${number(Math.round(ms))} ms`;
}

/** Escape gives the keys back to the notebook, where there is one. */
function leave(event) {
  if (event.key !== "Escape") return;
  event.target.blur();
  event.target.closest(".jp-Cell")?.focus();
}

/** The root of a view. Its controls keep the keys that JupyterLab would take from them. */
function frame(name, ...children) {
  const root = html("div", { class: `lab-view ${name}` }, ...children);
  for (const control of root.querySelectorAll("input, select, button, summary, [role=slider]")) {
    control.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  root.addEventListener("keydown", leave);
  return root;
}

function newPicture() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("role", "img");
  return svg;
}

/** A picture with the handles that lie on it; handles outlive each painting. */
function newStage(svg, ...handles) {
  return html("div", { class: "stage" }, svg, ...handles);
}

function newReading() {
  return html("p", { role: "status", "aria-live": "polite" });
}

/** A text that stays inside the picture: where it would stick out it is shortened, or moved left. */
function label(svg, x, y, text, name = "", short = text) {
  const node = draw(svg, "text", { x, y, class: name }, text);
  const room = () => svg.viewBox.baseVal.width - node.getComputedTextLength() - 2;
  if (x > room()) node.textContent = short;
  if (x > room()) node.setAttribute("x", Math.max(0, room()));
  return node;
}

/** A text with marks in it: `{ mark: "queue" }` is a square in the colour of the part. */
function labelWithMarks(svg, x, y, pieces) {
  for (const piece of pieces) {
    if (piece.mark) draw(svg, "rect", { x, y: y - 10, width: 10, height: 10, rx: 1, class: piece.mark });
    x += piece.mark ? 14 : draw(svg, "text", { x, y }, piece).getComputedTextLength();
  }
}

/** Empties the picture and gives it the width that it has on the page; returns that. */
function clear(svg, height) {
  const width = Math.max(NARROWEST, Math.round(svg.getBoundingClientRect().width));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  return width;
}

/** Paint again when the width changes, so that text keeps its size; returns what ends this. */
function onWidth(root, paint) {
  const watch = new ResizeObserver(paint);
  watch.observe(root);
  return () => watch.disconnect();
}

/** A group that shows nothing outside of its area; for marks that may leave the scale. */
function clipped(svg, area, spare = 8) {
  const id = `clip-${Math.random().toString(36).slice(2)}`; // ids are of the whole page
  const shape = { x: area.left - spare, y: area.top, width: area.right - area.left + 2 * spare, height: area.bottom - area.top + spare };
  draw(draw(svg, "clipPath", { id }), "rect", shape);
  return draw(svg, "g", { "clip-path": `url(#${id})` });
}

/**
 * Axes as hairlines with few ticks; returns their scales. `area` is in pixels, `ends` in units of
 * both axes, `ticks` are { x: [...], y: [...] }; the last tick of an axis carries its unit.
 */
function drawAxes(svg, area, ends, ticks, units) {
  const x = (value) => area.left + ((area.right - area.left) * value) / ends.x;
  const y = (value) => area.bottom - ((area.bottom - area.top) * value) / ends.y;
  draw(svg, "path", { d: `M${area.left},${area.top}V${area.bottom}H${area.right}`, class: "axis" });
  ticks.y.forEach((value, i) => {
    const unit = i === ticks.y.length - 1 ? units.y : "";
    draw(svg, "text", { x: area.left - 8, y: y(value) + 4, class: "tick end" }, number(value) + unit);
  });
  ticks.x.forEach((value, i) => {
    const last = i === ticks.x.length - 1;
    draw(svg, "line", { x1: x(value), x2: x(value), y1: area.bottom, y2: area.bottom + 4, class: "axis" });
    draw(svg, "text", { x: x(value), y: area.bottom + 17, class: `tick ${last ? "end" : "middle"}` }, number(value) + (last ? units.x : ""));
  });
  return { x, y };
}

/** Round numbers from 0 to an end, two to four steps. */
function roundTicks(end) {
  const unit = 10 ** Math.floor(Math.log10(end));
  const step = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5].map((each) => each * unit).find((each) => end / each < 5);
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A range as a faint area with hairline edges: `rows` are [x, low, high] in pixels. */
function drawRange(parent, rows) {
  const line = (points) => points.map(([x, y]) => `${x},${y}`).join(" ");
  const low = rows.map(([x, least]) => [x, least]), high = rows.map(([x, , most]) => [x, most]);
  draw(parent, "polygon", { points: line([...low, ...high.reverse()]), class: "range" });
  for (const edge of [low, high]) draw(parent, "polyline", { points: line(edge), class: "range-edge" });
}

function drawLine(parent, points, name) {
  draw(parent, "polyline", { points: points.map(([x, y]) => `${x},${y}`).join(" "), class: `curve ${name}` });
}

/** A curve with its points. */
function drawCurve(parent, points, name, now = -1) {
  drawLine(parent, points, name);
  drawPoints(parent, points, name, now);
}

/** Points; `now` is the index of "you are here", an outline of ink. */
function drawPoints(parent, points, name, now) {
  points.forEach(([cx, cy], index) => {
    draw(parent, "circle", { cx, cy, r: index === now ? 6 : 3, class: `point ${name} ${index === now ? "here" : ""}` });
  });
}

/** A point above the scale: an arrow at the top edge and its value. */
function drawBeyond(svg, x, area, text) {
  const flip = x > area.right - 90;
  draw(svg, "path", { d: `M${x - 5},${area.top + 9}l5,-8l5,8z`, class: "beyond" });
  draw(svg, "text", { x: x + (flip ? -9 : 9), y: area.top + 10, class: flip ? "end" : "" }, text);
}

/** Moves heights apart that are closer than `least`, keeping their order and the bounds. */
function apart(heights, least, top, bottom) {
  const order = heights.map((height, index) => [height, index]).sort((a, b) => a[0] - b[0]);
  const placed = [];
  let next = top;
  for (const [height, index] of order) {
    placed[index] = Math.max(next, height);
    next = placed[index] + least;
  }
  let limit = bottom;
  for (const [, index] of order.reverse()) {
    placed[index] = Math.min(placed[index], limit);
    limit = placed[index] - least;
  }
  return placed;
}

/** While the pointer is held on a picture, tells where it is, in pixels of the drawing. */
function onDrag(svg, tell) {
  const at = (event) => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  let start = null;
  svg.addEventListener("pointerdown", (event) => {
    start = at(event);
    if (tell(start, start) === false) start = null;
    else svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => start && tell(at(event), start));
  svg.addEventListener("lostpointercapture", () => (start = null));
}
