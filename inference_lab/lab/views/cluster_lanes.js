// Lanes: on the left prompts on their way to the gate, on the right answers in their cells.

const PX_PER_MS = 0.4, GATE_GAP = 10, NUMBER = 22, AXIS = 22;
const LANE = 36, LANE_ALONE = 28, LANE_NARROW = 24, LANE_THIN = 8, MANY = 17;
const BELT = 216, BELT_ALONE = 430, BEYOND = 24, CELL_ROWS = 5, CELLS = 288;
const FLIGHT_MS = 250, FADE_MS = 200, SEED = 7; // of the wall clock; px of a request on its way
const QUICK = 1; // at this speed and above nothing flies or fades

/** Where everything lies in a lane view of this width. */
function laneShape(width, lanes, columns, limit, mostCells, cells) {
  const thin = lanes >= MANY, height = thin ? LANE_THIN : columns === "below" ? LANE_NARROW : lanes > 8 ? LANE_ALONE : LANE;
  const left = thin ? 4 : NUMBER;
  const spare = width - left - GATE_GAP - CELLS;
  const belt = thin ? width - left - 14 : Math.min(BELT_ALONE, Math.max(BELT, spare), Math.round((width - left) * 0.6));
  const scale = Math.min(PX_PER_MS, (belt - BEYOND) / limit); // a limit out of sight would explain nothing
  const gate = left + belt, shape = { width, lanes, thin, height, left, gate, scale, top: 6 };
  shape.bottom = shape.top + lanes * height;
  if (thin) return shape;
  const room = width - gate - GATE_GAP, rows = height >= LANE_ALONE ? CELL_ROWS : 4;
  const wanted = Math.max(mostCells, Math.min(cells, 10 * rows * Math.floor(room / 6)));
  shape.columns = Math.max(1, Math.min(Math.ceil(wanted / rows), Math.floor(room / 3)));
  shape.rows = Math.min(rows, Math.ceil(wanted / shape.columns));
  shape.pitch = Math.min(room / shape.columns, 44);
  shape.rise = (height - 6) / shape.rows;
  shape.cells = gate + GATE_GAP;
  return shape;
}

const laneTop = (shape, lane) => shape.top + lane * shape.height;

function cellBox(shape, lane, cell) {
  const gap = shape.pitch > 4 ? 1 : 0.5, column = cell % shape.columns, row = Math.floor(cell / shape.columns);
  const x = shape.cells + column * shape.pitch, y = laneTop(shape, lane) + 3 + row * shape.rise;
  return [x, y, shape.pitch - gap, shape.rise - 1];
}

/** Where a prompt lies at an instant; null when it is not on the belt. */
function promptBox(shape, log, i, now) {
  if (now >= log.until[i] || now < log.queued[i]) return null;
  const end = (log.until[i] - now) * shape.scale, right = shape.gate - Math.max(log.from[i] - now, 0) * shape.scale;
  const x = Math.max(shape.left, shape.gate - end), shown = Math.max(right, shape.left + SEED); // far off: its end shows
  const rise = (shape.height - (shape.thin ? 2 : 10)) / log.rows[i], gap = log.rows[i] > 1 && rise > 3 ? 1 : 0;
  const y = laneTop(shape, log.replica[i]) + (shape.thin ? 1 : 5) + log.row[i] * rise;
  return { x, y, w: Math.max(1.5, shown - x), h: rise - gap, isRead: log.from[i] <= now };
}

/** On its way from the router, above, to where it will lie at its arrival: it is there in time. */
function flightBox(shape, log, i, now, flight) {
  const goal = promptBox(shape, log, i, log.queued[i]), left = (log.queued[i] - now) / flight;
  const from = { x: shape.left, y: -SEED, w: SEED, h: SEED }, way = 1 - left * left;
  for (const side of ["x", "y", "w", "h"]) goal[side] = from[side] + (goal[side] - from[side]) * way;
  return goal;
}

function paintGround(pen, shape, colours, limit, cells, sizes, cellTokens) {
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
    if (shape.thin) continue;
    pen.fillStyle = colours.quiet;
    pen.font = colours.font;
    pen.textAlign = "left";
    pen.fillText(lane, 2, top + shape.height / 2 + 0.5);
    pen.fillStyle = colours.dot;
    const dots = Math.min(sizes[lane], shape.columns * shape.rows);
    for (let cell = 0; cell < dots; cell++) {
      const [x, y, w, h] = cellBox(shape, lane, cell);
      pen.fillRect(Math.round(x + w / 2) - 0.5, y + h - 2, 1, 1);
    }
  }
  if (limitX > shape.left) line(limitX, shape.top, shape.bottom + 4, colours.ink, 1.5);
  line(shape.gate + 0.5, shape.top, shape.bottom + 4, colours.quiet, 1);
  pen.fillStyle = colours.quiet;
  pen.font = colours.font;
  const y = shape.bottom + AXIS / 2 + 4;
  if (limitX > shape.left) {
    pen.textAlign = "center";
    pen.fillText(milliseconds(Math.round(limit)), Math.max(limitX, shape.left + 22), y);
  }
  pen.textAlign = shape.thin ? "right" : "center";
  pen.fillText("now", shape.gate, y);
  if (shape.thin) return;
  pen.textAlign = "right";
  const room = shape.width - shape.gate - 24, tokens = number(cellTokens);
  const words = [`answers: a cell holds up to ${tokens} tokens of KV-cache`, `a cell: up to ${tokens} tokens of KV-cache`, `cells of ${tokens} tokens`];
  const fits = words.find((text) => pen.measureText(text).width < room);
  if (fits) pen.fillText(fits, shape.width, y);
}

/** What moves. Boxes of one colour are filled together: a frame sets few styles. */
function paintLanes(pen, shape, log, frame, colours, cellTokens) {
  const { now, speed, playing, focus, held } = frame, quiet = calm.matches || speed >= QUICK;
  const fills = new Map(), outlined = [], fading = quiet ? 0 : FADE_MS * speed, flight = quiet || !playing ? 0 : FLIGHT_MS * speed;
  const add = (colour, x, y, w, h) => {
    if (!fills.has(colour)) fills.set(colour, []);
    fills.get(colour).push(x, y, w, h);
  };
  const dim = log.pauses.map((pauses) => isWithin(pauses, now));
  pen.clearRect(0, 0, shape.width, shape.bottom + AXIS);
  for (const i of presentAt(log, now)) {
    const early = log.queued[i] - now, isFlying = early > 0 && early < flight;
    const box = isFlying ? flightBox(shape, log, i, now, flight) : promptBox(shape, log, i, now);
    if (box && i !== held) {
      add(box.isRead && !isFlying ? colours.prefill : colours.queue, box.x, box.y, box.w, box.h);
      if (i === focus) outlined.push([box, 2, 3]);
      else if (log.isLate(i) && !isFlying && !shape.thin) outlined.push([box, box.h > 9 ? 1.5 : 0.75, 0]);
    }
    if (shape.thin || now < log.from[i] || now >= log.finish[i] + fading) continue;
    if (log.away.size && log.away.has(i) && isWithin(log.away.get(i), now)) continue;
    paintCells(log, i, now, shape, cellTokens, colours, dim[log.replica[i]], add, outlined, i === focus);
  }
  for (const [colour, boxes] of fills) fillBoxes(pen, colour, boxes);
  pen.strokeStyle = colours.ink;
  if (focus !== null && now < log.queued[focus] && !playing) outlineGhost(pen, shape, log, focus);
  for (const [{ x, y, w, h }, width, out] of outlined) {
    const edge = out - width / 2;
    pen.lineWidth = width;
    pen.strokeRect(x - edge, y - edge, w + 2 * edge, h + 2 * edge);
  }
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

/** Where the request in focus will lie when it arrives. */
function outlineGhost(pen, shape, log, focus) {
  const { x, y, w, h } = promptBox(shape, log, focus, log.queued[focus]);
  pen.lineWidth = 1.5;
  pen.setLineDash([3, 2.5]);
  pen.strokeRect(x - 1.5, y - 1.5, w + 3, h + 3);
  pen.setLineDash([]);
}

function paintCells(log, i, now, shape, cellTokens, colours, isDim, add, outlined, isFocus) {
  const isRead = now < log.until[i], gone = now >= log.finish[i];
  const fill = gone ? colours.decodeGone : isRead ? colours.prefill : isDim ? colours.decodeDim : colours.decode;
  let left = tokensAt(log, i, now);
  for (const cell of log.cells[i]) {
    if (left <= 0) return;
    const [x, y, w, h] = cellBox(shape, log.replica[i], cell), share = Math.min(1, left / cellTokens);
    if (!gone) add(colours.track, x, y, w, h);
    add(fill, x, y + h * (1 - share), w, h * share);
    if (isFocus && !gone) outlined.push([{ x, y, w, h }, 1.5, 2.5]);
    left -= cellTokens;
  }
}
