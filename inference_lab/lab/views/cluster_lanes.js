// Lanes: on the left prompts on their way to the gate, on the right answers in their cells.

const GATE_GAP = 10, NUMBER = 22, AXIS = 22;
const LANE = 36, LANE_ALONE = 28, LANE_NARROW = 24, LANE_THIN = 8, MANY = 17;
const BELT = 216, BELT_ALONE = 430, LIMITS = 1.5, CELL_ROWS = 5, CELLS = 220, CELL_WIDE = 90;
const NUMBERED = 4; // of thin lanes, each so many have their number
const SPARE = 1.25; // times the cells used at once are drawn at least
const FLIGHT_MS = 250, FADE_MS = 200, SEED = 7, ROOMY = 9; // of the wall clock; px of a request on its way
const NOTCH = 2; // px
const QUICK = 1; // at this speed and above nothing flies or fades

/** Where everything lies in a lane view of this width. */
function laneShape(width, lanes, columns, limit, mostCells, cells) {
  const thin = lanes >= MANY, height = thin ? LANE_THIN : columns === "below" ? LANE_NARROW : lanes > 8 ? LANE_ALONE : LANE;
  const left = NUMBER;
  const spare = width - left - GATE_GAP - CELLS;
  const belt = thin ? width - left - 14 : Math.min(BELT_ALONE, Math.max(BELT, spare), Math.round((width - left) * 0.6));
  const scale = belt / (LIMITS * limit); // a limit in a corner, or out of sight, would explain nothing
  const gate = left + belt, shape = { width, lanes, thin, height, left, gate, scale, top: 6 };
  shape.bottom = shape.top + lanes * height;
  if (thin) return shape;
  const room = width - gate - GATE_GAP, rows = height >= LANE_ALONE ? CELL_ROWS : 4;
  // All of the memory, or the half, the quarter, ... of it that what is ever used at once leaves free.
  const share = [1 / 16, 1 / 8, 1 / 4, 1 / 2].find((part) => part * cells >= SPARE * mostCells) ?? 1;
  const wanted = Math.max(mostCells, Math.min(Math.ceil(share * cells), 10 * rows * Math.floor(room / 6)));
  shape.memory = cells; // in cells; when requests need more of them than there are, all share one bar
  shape.isShared = mostCells > cells;
  shape.room = Math.min(room, cells * CELL_WIDE);
  shape.columns = Math.max(1, Math.min(Math.ceil(wanted / rows), Math.floor(room / 3)));
  shape.rows = Math.min(rows, Math.ceil(wanted / shape.columns));
  shape.pitch = Math.min(room / shape.columns, 44);
  shape.rise = (height - 6) / shape.rows;
  shape.cells = gate + GATE_GAP;
  return shape;
}

const laneTop = (shape, lane) => shape.top + lane * shape.height;

/** The boxes of a prompt at an instant, x, y, w, h, x, ...; none when it is not on the belt. */
function promptBoxes(shape, log, i, now) {
  const boxes = [], all = log.boxes[i];
  if (now >= log.until[i] || now < log.queued[i]) return boxes;
  const top = laneTop(shape, log.replica[i]) + (shape.thin ? 1 : 5), high = shape.height - (shape.thin ? 2 : 10);
  for (let k = 0; k < all.length; k += 4) {
    if (all[k + 1] <= now) continue;
    const right = shape.gate - Math.max(0, all[k] - now) * shape.scale, left = shape.gate - (all[k + 1] - now) * shape.scale;
    if (right < shape.left && boxes.length) break;
    const rise = high / all[k + 3], gap = all[k + 3] > 1 && rise > 3 ? 1 : 0;
    const x = Math.max(shape.left, left), shown = Math.max(right, shape.left + SEED); // far off: its end shows
    boxes.push(x, top + all[k + 2] * rise, Math.max(1.5, shown - x), rise - gap);
  }
  return boxes;
}

/** On its way from the router, above, or from its last replica, to where it will lie when it is there. */
function flightBoxes(shape, log, v, now, flight) {
  const left = (log.queued[v] - now) / flight, way = 1 - left * left, before = log.prev[v];
  const from = [shape.left, before < 0 ? -SEED : laneTop(shape, log.replica[before]) + shape.height / 2, SEED, SEED];
  return promptBoxes(shape, log, v, log.queued[v]).map((goal, k) => from[k % 4] + (goal - from[k % 4]) * way);
}

/** Who waits to be sent again lies at the far end: nobody knows when it will be read. */
function strandedBox(shape, lane, place) {
  const size = Math.min(SEED, shape.height - 2), rows = Math.max(1, Math.floor((shape.height - 4) / (size + 1.5)));
  const rise = (shape.height - 4) / rows, x = shape.left + 2 + Math.floor(place / rows) * (size + 1.5);
  return [x, laneTop(shape, lane) + 2 + ((place % rows) + 0.5) * rise - size / 2, size, size];
}

function paintGround(pen, shape, colours, limit, sizes) {
  pen.clearRect(0, 0, shape.width, shape.bottom + AXIS);
  const line = (x, from, to, colour, width = 1) => {
    pen.fillStyle = colour;
    pen.fillRect(Math.round(x - width / 2), from, width, to - from);
  };
  const limitX = shape.gate - limit * shape.scale;
  if (limitX > shape.left) {
    pen.fillStyle = colours.wash;
    pen.fillRect(shape.left, shape.top, limitX - shape.left, shape.bottom - shape.top);
  }
  pen.textBaseline = "middle";
  for (let lane = 0; lane < shape.lanes; lane++) {
    const top = laneTop(shape, lane);
    if (lane && !shape.thin) {
      pen.fillStyle = colours.hairline;
      pen.fillRect(0, Math.round(top), shape.width, 1);
    }
    if (shape.thin && lane % NUMBERED) continue;
    pen.fillStyle = colours.soft;
    pen.font = colours.font;
    pen.textAlign = "left";
    pen.fillText(lane, 2, top + shape.height / 2 + 0.5);
    if (shape.thin) continue;
    paintEmpty(pen, shape, lane, sizes[lane], colours);
  }
  if (limitX > shape.left) line(limitX, shape.top, shape.bottom + 4, colours.ink, 1.5);
  line(shape.gate + 0.5, shape.top, shape.bottom + 4, colours.soft, 1);
  pen.fillStyle = colours.soft;
  pen.font = colours.font;
  const y = shape.bottom + AXIS / 2 + 4;
  if (limitX > shape.left) {
    pen.textAlign = "center";
    pen.fillText(`in ${milliseconds(Math.round(limit))}`, Math.max(limitX, shape.left + 30), y);
  }
  pen.textAlign = shape.thin ? "right" : "center";
  pen.fillText("now", shape.gate, y);
  const drawn = shape.columns * shape.rows, all = Math.floor(shape.memory);
  if (shape.thin || shape.isShared || drawn >= all) return;
  pen.textAlign = "right";
  pen.fillText(`${drawn} of ${number(all)} cells drawn`, shape.width, y);
}

/** Nothing flies or fades at a high speed, nor for readers who want less motion. */
const isQuick = (frame) => isCalm() || frame.speed >= QUICK;

/** The share of a prompt that was found in the cache is pale: it is there, and nobody reads it. */
function addPrompt(solid, pale, boxes, cached) {
  for (let k = 0; k < boxes.length; k += 4) {
    const [x, y, w, h] = [boxes[k], boxes[k + 1], boxes[k + 2], boxes[k + 3]];
    if (cached) pale.push(x, y, w, h * cached);
    solid.push(x, y + h * cached, w, h * (1 - cached));
  }
}

/** Before a prompt is read its KV-cache may have to come from the host: that is at its end by the gate. */
function addFetch(found, shape, log, i, now, [, y, , h]) {
  const right = shape.gate - Math.max(0, log.from[i] - fetchOf(log, i) - now) * shape.scale, left = shape.gate - (log.from[i] - now) * shape.scale;
  if (right > left && right > shape.left) found.push(Math.max(shape.left, left), y, right - Math.max(shape.left, left), h);
}

/** Sent again: a gap near its end by the gate. */
function addNotch(found, boxes) {
  const [x, y, w, h] = boxes;
  if (w > 3 * NOTCH) found.push(x + w - 3 * NOTCH, y, NOTCH, h);
}

/** What moves. Boxes of one colour are filled together: a frame sets few styles. */
function paintLanes(pen, shape, log, frame, colours, cellTokens, troubles) {
  const { now, speed, playing, focus, held } = frame, flight = isQuick(frame) || !playing ? 0 : FLIGHT_MS * speed;
  const fills = { queue: [], queuePale: [], prefill: [], prefillPale: [], kv_transfer: [], other: [], ground: [] }, late = [], focused = [], stranded = new Array(shape.lanes).fill(0);
  pen.clearRect(0, 0, shape.width, shape.bottom + AXIS);
  for (const v of presentAt(log, now)) {
    const isStuck = isStranded(log, v, now), i = log.of[v];
    if ((now >= log.until[v] && !isStuck) || i === held) continue;
    const early = log.queued[v] - now, isFlying = early > 0 && early < flight;
    const boxes = isStuck ? strandedBox(shape, log.replica[v], stranded[log.replica[v]]++) : isFlying ? flightBoxes(shape, log, v, now, flight) : promptBoxes(shape, log, v, now);
    if (!boxes.length) continue;
    const part = log.from[v] <= now && !isFlying && !isStuck ? "prefill" : "queue";
    if (log.isShown(i)) addPrompt(fills[part], fills[`${part}Pale`], boxes, log.cached(i) / log.prompt[i]);
    else addPrompt(fills.other, fills.other, boxes, 0);
    if (v === i && now < log.from[v] && !isFlying && log.isShown(i)) addFetch(fills.kv_transfer, shape, log, i, now, boxes);
    if (log.prev[v] >= 0 && log.left[log.prev[v]] <= now) addNotch(fills.ground, boxes);
    if (i === focus) focused.push(boxes);
    else if (log.isLate(i) && log.isShown(i) && !isFlying && !shape.thin) late.push(boxes);
  }
  paintTroubles(pen, shape, now, colours, troubles);
  for (const part of Object.keys(fills)) fillBoxes(pen, colours[part], fills[part]);
  pen.strokeStyle = colours.ink;
  for (const boxes of late) markLate(pen, boxes, colours);
  if (focus === null) return;
  pen.strokeStyle = colours.ink;
  for (const v of visitsOf(log, focus)) {
    const cells = cellsOf(log, v, now, shape, cellTokens);
    for (let k = 0; k < cells.length; k += 4) focused.push(cells.slice(k, k + 4));
  }
  for (const boxes of focused) outline(pen, boxes, 2, TOKENS.line.outline_px);
  const [first] = visitsOf(log, focus);
  if (!playing) paintWay(pen, shape, log, focus, now);
  if (playing || first === undefined || !(now < log.queued[first])) return;
  pen.setLineDash([3, 2.5]); // where the request in focus will lie when it arrives
  outline(pen, promptBoxes(shape, log, first, log.queued[first]), 2, 1.5);
  pen.setLineDash([]);
}

/** Where the request in focus lay before its replica was lost, and its way from there. */
function paintWay(pen, shape, log, focus, now) {
  const past = visitsOf(log, focus).filter((v) => log.next[v] >= 0 && log.left[v] <= now);
  pen.lineWidth = 1.5;
  pen.setLineDash([3, 2.5]);
  for (const v of past) {
    const [x, y, w, h] = strandedBox(shape, log.replica[v], 0), next = log.next[v];
    const [goal = shape.cells ?? shape.gate] = promptBoxes(shape, log, next, now);
    outline(pen, [x, y, w, h], 2, 1.5);
    pen.beginPath();
    pen.moveTo(x + w + 3, y + h / 2);
    pen.lineTo(goal, laneTop(shape, log.replica[next]) + shape.height / 2);
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** Late: an outline of ink; where many share a lane, its end alone. */
function markLate(pen, boxes, colours) {
  const [x, y, , h] = boxes.slice(-4);
  if (boxes[3] >= ROOMY && h >= ROOMY) return outline(pen, boxes, -1, TOKENS.line.outline_px);
  pen.fillStyle = colours.ink;
  pen.fillRect(x, y, 3, h);
}

/** A line around boxes that lie end to end, the first rightmost, so far outside of them. */
function outline(pen, boxes, out, width) {
  const corners = [], back = [];
  for (let k = 0; k < boxes.length; k += 4) {
    const [x, y, w, h] = boxes.slice(k, k + 4), right = k ? boxes[k - 4] - out : x + w + out;
    const left = k + 4 < boxes.length ? x - (boxes[k + 7] > h ? -out : out) : x - out;
    corners.push([right, y - out], [left, y - out]);
    back.unshift([left, y + h + out], [right, y + h + out]);
  }
  pen.lineWidth = width;
  pen.beginPath();
  for (const [x, y] of [...corners, ...back]) pen.lineTo(x, y);
  pen.closePath();
  pen.stroke();
}

function fillBoxes(pen, colour, boxes) {
  pen.fillStyle = colour;
  pen.beginPath();
  for (let k = 0; k < boxes.length; k += 4) {
    const [x, y, w, h] = [boxes[k], boxes[k + 1], boxes[k + 2], boxes[k + 3]];
    if (w > 5 && h > 8) pen.roundRect(x, y, w, h, 2);
    else pen.rect(x, y, w, h);
  }
  pen.fill();
}
