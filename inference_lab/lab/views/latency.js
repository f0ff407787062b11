// Draws the view of latency.py. Python simulates; this file only shows and asks.

const LEFT = 66, RIGHT = 44;
const BAR = { top: 22, height: 20, step: 52 };
const CURVE = { title: 148, top: 164, bottom: 364, name: 400, height: 408 };
const STEP_MS = 10;

/** The bars "mean" and "p99", each in its parts, and below it what they sum up to. */
function drawBars(svg, picture, limit, x, right) {
  picture.bars.forEach((bar, index) => {
    const y = BAR.top + index * BAR.step, middle = y + BAR.height / 2;
    const engine = bar.queue_ms + bar.prefill_ms, total = engine + bar.frontend_ms;
    const inside = clipped(svg, { left: LEFT, right, top: y - 2, bottom: y + BAR.height }, 1);
    draw(svg, "text", { x: LEFT - 8, y: middle + 5, class: "name end" }, bar.name);
    const piece = (from, to, part) =>
      draw(inside, "rect", { x: x(from), width: Math.max(0, x(to) - x(from)), y, height: BAR.height, class: `bar ${part}` });
    piece(0, bar.queue_ms, "queue");
    piece(bar.queue_ms, engine, "prefill");
    if (bar.frontend_ms) piece(engine, total, "frontend");
    if (x(total) > right) draw(svg, "path", { d: `M${right + 4},${middle - 5}l8,5l-8,5z`, class: "beyond" });
    const tight = right - LEFT < 250;
    labelWithMarks(svg, tight ? 2 : LEFT, y + BAR.height + 16, [
      tight ? "" : `${milliseconds(total)} = `, { mark: "queue" }, `${number(Math.round(bar.queue_ms))} queue + `,
      { mark: "prefill" }, `${number(Math.round(bar.prefill_ms))} prefill`,
      ...(bar.frontend_ms ? [" + ", { mark: "frontend" }, `${number(Math.round(bar.frontend_ms))} front end`] : []),
    ]);
    if (bar.name === "p99") {
      const [low, high] = picture.p99_range_ms.map(x);
      draw(inside, "path", { d: `M${low},${middle - 4}v8M${low},${middle}H${high}M${high},${middle - 4}v8`, class: "spread" });
    }
    draw(svg, "line", { x1: x(limit), x2: x(limit), y1: y - 4, y2: y + BAR.height + 4, class: "limit" });
  });
  draw(svg, "text", { x: x(limit), y: BAR.top - 9, class: "middle" }, `limit ${milliseconds(limit)}`);
}

/** The range over all loads, and the curve of the loads that were visited, sharply. */
function drawCurves(svg, picture, area, end) {
  const narrow = svg.viewBox.baseVal.width < NARROW;
  const ticks = { x: narrow ? [0, 50, 100] : [0, 20, 40, 60, 80, 100], y: roundTicks(end) };
  label(svg, 2, CURVE.title, `TTFT over the load; faint: its p99 in ${picture.draws} draws of the arrivals`, "", "TTFT over the load");
  const { x, y } = drawAxes(svg, area, { x: 100, y: end }, ticks, { x: " %", y: " ms" });
  draw(svg, "text", { x: (area.left + area.right) / 2, y: CURVE.name, class: "soft middle" }, "load: share of its time on prefill");
  const plot = clipped(svg, area);
  drawRange(plot, picture.outline.map(([load, low, high]) => [x(load), y(low), y(high)]));
  draw(plot, "polyline", { points: picture.outline.map(([load, , , mean]) => `${x(load)},${y(mean)}`).join(" "), class: "range-edge" });
  const [low, high] = picture.p99_range_ms.map(y), here = x(picture.load_percent);
  draw(plot, "path", { d: `M${here - 4},${low}h8M${here},${low}V${high}M${here - 4},${high}h8`, class: "spread" });
  const labels = [];
  for (const curve of picture.curves) {
    const shown = curve.name === picture.prompts;
    const now = curve.points.findIndex(([load]) => load === picture.load_percent);
    const kinds = shown ? [["mean", 1, "soft"], ["p99", 2, ""]] : [[`p99 before: ${curve.name}`, 2, "former"]];
    for (const [name, value, look] of kinds) {
      const points = curve.points.map((point) => [x(point[0]), y(point[value])]);
      const been = points.filter((_, i) => curve.points[i][3]);
      drawLine(plot, points, look);
      drawPoints(plot, been, look, shown ? been.indexOf(points[now]) : -1);
      const seen = points.filter((point) => point[1] >= area.top);
      const at = shown ? points[now] : seen.at(-1);
      if (at && at[1] >= area.top) labels.push({ at, name, soft: look });
      else if (shown) drawBeyond(svg, points[now][0], area, `${name} ${milliseconds(curve.points[now][value])}`);
    }
  }
  // Left of its point and above: a curve that rises ever faster leaves that free.
  const heights = apart(labels.map(({ at }) => at[1] - 9), 15, area.top + 10, area.bottom - 2);
  labels.forEach(({ at, name, soft }, i) => {
    const node = draw(svg, "text", { x: at[0] - 9, y: heights[i], class: `${soft ? "soft" : "name"} end` }, name);
    if (at[0] - 9 - node.getComputedTextLength() >= area.left + 3) return;
    node.setAttribute("x", at[0] + 9);
    node.classList.remove("end");
  });
}

function render({ model, el }) {
  const [least, most] = model.get("bounds"), [lowest, highest] = model.get("limits");
  const share = model.get("picture").limit_share;
  const slider = newSlider({
    name: "Load", described: "Load, per cent of its time on prefill", min: least, max: most, step: 5,
    value: model.get("load_percent"), say: (value) => [`${value} %`, `${value} per cent`],
  });
  const menu = newMenu({ name: "Prompts", described: "Prompt length", choices: model.get("choices"), value: model.get("prompts") });
  const limit = newLimit({
    name: "Limit for the p99 of TTFT", least: lowest, most: highest, step: STEP_MS,
    value: model.get("limit_ms"), say: (ms) => `limit ${milliseconds(ms)}`,
    onMove: () => { paint(); question.ask(); },
    onEnd: () => scale.moveTo(limit.value() / share),
  });
  const scale = newScale(limit.value() / share, paint, (end) => `The scale now ends at ${milliseconds(end)}.`);
  const question = newQuestion(model, () => ({
    load_percent: slider.value(), prompts: menu.input.value, limit_ms: limit.value(),
  }));
  const svg = newPicture(), words = newReading(), code = newCode();
  const root = frame("latency-view", newControls(slider.root, menu.root),
    newStage(svg, limit.root, scale.note), question.notice, words, code.root);
  el.append(root);
  const areaOf = (width) => ({ left: LEFT, right: width - RIGHT, top: CURVE.top, bottom: CURVE.bottom });

  function show() {
    const picture = model.get("picture");
    paint();
    words.textContent = picture.reading;
    svg.setAttribute("aria-label", picture.reading);
    svg.dataset.shows = `${picture.load_percent} ${picture.prompts}`;
    code.show(picture.code);
    question.answered();
  }

  function paint() {
    const picture = model.get("picture");
    const width = clear(svg, CURVE.height), area = areaOf(width), end = scale.end();
    const x = (ms) => LEFT + ((area.right - LEFT) * ms) / end;
    drawBars(svg, picture, limit.value(), x, area.right);
    drawCurves(svg, picture, area, end);
    limit.lay(area, end);
  }

  /** The load can be dragged in the picture of the curve, too. */
  onDrag(svg, ([x], [, y]) => {
    if (y < CURVE.top - 10) return false;
    const { left, right } = areaOf(svg.viewBox.baseVal.width);
    const load = Math.round((20 * (x - left)) / (right - left)) * 5;
    slider.set(Math.min(most, Math.max(least, load)));
    question.ask();
  });
  slider.input.addEventListener("input", question.ask);
  menu.input.addEventListener("change", question.ask);
  model.on("change:picture", show);
  show();
  const ends = [onWidth(root, paint), onTheme(root, paint), question.end];
  return () => {
    ends.forEach((end) => end());
    model.off("change:picture", show);
  };
}

export default { render };
