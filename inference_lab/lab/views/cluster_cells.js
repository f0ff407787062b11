// Cells: the answers in the KV-cache of their replica. They change slowly, so that they have a canvas
// of their own, on which a frame paints only lanes in which something has changed, and a few in turn.

const IN_TURN = 2; // lanes a frame while it plays: a cell grows by a pixel in ten seconds

/** Cells fill column after column from the gate on: how far they reach is how full the memory is. */
function cellBox(shape, lane, cell) {
  const gap = shape.pitch > 4 ? 1 : 0.5, column = Math.floor(cell / shape.rows), row = cell % shape.rows;
  const x = shape.cells + column * shape.pitch, y = laneTop(shape, lane) + 3 + row * shape.rise;
  return [x, y, shape.pitch - gap, shape.rise - 1];
}

/** The room of all cells as dots. */
function paintEmpty(pen, shape, lane, cells, colours) {
  pen.fillStyle = colours.empty;
  if (shape.isShared) return paintMemory(pen, shape, lane, cells, colours);
  for (let cell = Math.min(Math.floor(cells), shape.columns * shape.rows) - 1; cell >= 0; cell--) {
    const [x, y, w, h] = cellBox(shape, lane, cell);
    pen.fillRect(Math.round(x + w / 2) - 0.5, y + h - 2, 1, 1);
  }
}

/** The memory of a replica that holds few cells, as one bar that its requests fill to scale. */
function paintMemory(pen, shape, lane, cells, colours) {
  const wide = (shape.room * cells) / shape.memory, y = laneTop(shape, lane) + 5, high = shape.height - 10;
  pen.fillStyle = colours.track;
  pen.fillRect(shape.cells, y, wide, high);
  pen.fillStyle = colours.hairline;
  for (let cell = 1; cell < cells && wide > 8 * cells; cell++) pen.fillRect(shape.cells + (wide * cell) / cells, y, 1, high);
}

/** What a canvas of cells shows: for each lane since when, and until when that holds. */
function newCells(lanes) {
  return { from: new Float64Array(lanes).fill(Infinity), until: new Float64Array(lanes), turn: 0 };
}

function paintCells(pen, shape, log, frame, colours, cellTokens, shown) {
  const { now, playing } = frame, fading = isQuick(frame) ? 0 : FADE_MS * frame.speed, stale = new Uint8Array(shape.lanes);
  let some = false;
  const mark = (lane) => {
    stale[lane] = 1;
    some = true;
  };
  for (let lane = 0; lane < shape.lanes; lane++) {
    if (now < shown.from[lane] || now >= shown.until[lane] || (!playing && now !== shown.from[lane])) mark(lane);
  }
  for (let k = 0; playing && k < IN_TURN; k++) mark(shown.turn++ % shape.lanes);
  if (!some) return;
  const fills = { track: [], decode: [], paused: [], decodeGone: [], prefill: [], other: [] }, dim = [], filled = new Array(shape.lanes).fill(0);
  for (let lane = 0; lane < shape.lanes; lane++) {
    if (!stale[lane]) continue;
    const changes = log.changes[lane];
    shown.from[lane] = now;
    shown.until[lane] = changes[countUntil(changes, now)] ?? Infinity;
    dim[lane] = isWithin(log.pauses[lane], now);
    pen.clearRect(shape.cells - 1, laneTop(shape, lane), shape.width - shape.cells + 1, shape.height);
  }
  for (const i of presentAt(log, now)) {
    const lane = log.replica[i];
    if (!stale[lane] || now < log.from[i] || now >= log.finish[i] + fading || isAway(log, i, now)) continue;
    const isGone = now >= log.finish[i];
    if (isGone) shown.until[lane] = Math.min(shown.until[lane], log.finish[i] + fading);
    const part = !log.isShown(log.of[i]) ? "other" : isGone ? "decodeGone" : now < log.until[i] ? "prefill" : dim[lane] ? "paused" : "decode";
    if (shape.isShared) fillShared(fills[part], log, i, now, shape, cellTokens, filled);
    else fillOwn(fills[part], isGone ? null : fills.track, log, i, now, shape, cellTokens);
  }
  for (const part of Object.keys(fills)) {
    if (part === "paused") lineBoxes(pen, colours.decode, fills.paused);
    else fillBoxes(pen, colours[part], fills[part]);
  }
}

/** Boxes as outlines: what they stand for is there and does not move. */
function lineBoxes(pen, colour, boxes) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let k = 0; k < boxes.length; k += 4) pen.rect(boxes[k] + 0.5, boxes[k + 1] + 0.5, Math.max(0, boxes[k + 2] - 1), Math.max(0, boxes[k + 3] - 1));
  pen.stroke();
}

const isAway = (log, v, now) => log.away.size > 0 && log.away.has(log.of[v]) && isWithin(log.away.get(log.of[v]), now);

/** The cells of a request as far as it fills them, and in `tracks` the cells as a whole. */
function fillOwn(boxes, tracks, log, i, now, shape, cellTokens) {
  let left = tokensAt(log, i, now);
  for (const cell of log.cells[i]) {
    if (left <= 0) break;
    const [x, y, w, h] = cellBox(shape, log.replica[i], cell), share = Math.min(1, left / cellTokens);
    tracks?.push(x, y, w, h);
    boxes.push(x, y + h * (1 - share), w, h * share);
    left -= cellTokens;
  }
}

/** The part of its replica's memory that a request fills, after those that came before it. */
function fillShared(boxes, log, i, now, shape, cellTokens, filled) {
  if (now >= log.finish[i]) return;
  const lane = log.replica[i], scale = shape.room / shape.memory / cellTokens, tokens = tokensAt(log, i, now);
  const x = shape.cells + filled[lane] * scale, gap = tokens * scale > 3 ? 1 : 0;
  filled[lane] += tokens;
  boxes.push(x, laneTop(shape, lane) + 5, tokens * scale - gap, shape.height - 10);
}

/** What a request has in its cells, for an outline; its place in a shared bar depends on the others. */
function cellsOf(log, i, now, shape, cellTokens) {
  const found = [];
  if (shape.thin || now < log.from[i] || now >= log.finish[i] || isAway(log, i, now)) return found;
  if (!shape.isShared) fillOwn([], found, log, i, now, shape, cellTokens);
  else {
    const lane = log.replica[i], filled = { [lane]: 0 };
    for (const k of presentAt(log, now)) {
      if (log.replica[k] !== lane || now < log.from[k] || isAway(log, k, now)) continue;
      const boxes = k === i ? found : [];
      fillShared(boxes, log, k, now, shape, cellTokens, filled);
    }
  }
  return found;
}
