// The strip: TTFT of each request over the time of its arrival; on it one scrubs.

const STRIP = { height: 120, top: 10, foot: 20, left: 64, scale: 1.5, arriving: 0.7 };
const STRIP_WORDS = "first token after, over its arrival";
const MOVED_MS = 10; // as pinned.py tells it

/** The scale of time is even as long as requests arrive; what comes after may be closer together. */
function stripShape(width, end, lastArrival, limit) {
  const bottom = STRIP.height - STRIP.foot, most = limit * STRIP.scale, room = width - STRIP.left - 2, first = STRIP.left + 1;
  const arriving = room * Math.max(lastArrival / end, STRIP.arriving), after = room - arriving;
  return {
    width, end, lastArrival, bottom,
    isBroken: lastArrival / end < STRIP.arriving,
    x: (time) => first + (time <= lastArrival ? (arriving * time) / lastArrival : arriving + (after * (Math.min(time, end) - lastArrival)) / (end - lastArrival)),
    y: (ttft) => bottom - 2 - ((bottom - 2 - STRIP.top) * Math.min(ttft, most)) / most,
    timeOf: (x) => Math.max(0, x - first <= arriving ? (lastArrival * (x - first)) / arriving : lastArrival + ((end - lastArrival) * (x - first - arriving)) / after),
    isAbove: (ttft) => ttft > most,
  };
}

/** All requests in two tones; a frame shows the one left of the clock and the other right of it. */
function paintStripGround(pen, shape, log, colours, limit, isPast) {
  pen.clearRect(0, 0, shape.width, STRIP.height);
  const usual = isPast ? colours.soft : colours.softer, late = isPast ? colours.ink : colours.soft;
  const small = Math.max(0.9, Math.min(1.6, (shape.width / log.count) * 3));
  for (const lates of [false, true]) {
    pen.fillStyle = pen.strokeStyle = lates ? late : usual;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (let i = 0; i < log.count; i++) {
      if (!log.isShown(i) || (log.isServed(i) && log.isLate(i) !== lates)) continue;
      if (!log.isServed(i) && !lates) continue;
      const ttft = log.isServed(i) ? log.ttft[i] : Infinity, x = shape.x(log.arrival[i]), y = shape.y(ttft);
      if (shape.isAbove(ttft)) {
        pen.moveTo(x, y - 3.5);
        pen.lineTo(x + 3.5, y + 3);
        pen.lineTo(x - 3.5, y + 3);
        pen.closePath();
      } else {
        const r = lates ? 2.8 : small;
        pen.moveTo(x + r, y);
        pen.arc(x, y, r, 0, 7);
      }
    }
    if (lates && !isPast) pen.stroke(); // hollow: not late yet
    else pen.fill();
  }
  paintMoved(pen, shape, log, colours);
  pen.fillStyle = colours.hairline;
  pen.fillRect(STRIP.left, shape.bottom, shape.width - STRIP.left, 1);
  pen.fillStyle = colours.ink;
  pen.fillRect(STRIP.left, Math.round(shape.y(limit)), shape.width - STRIP.left, 1);
}

function paintStripWords(pen, shape, colours, limit) {
  pen.font = colours.font;
  pen.fillStyle = colours.soft;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "right";
  pen.fillText("limit", STRIP.left - 8, shape.y(limit) - 9); // left of all marks
  pen.fillText(milliseconds(limit), STRIP.left - 8, shape.y(limit) + 5);
  pen.fillText("0", STRIP.left - 8, shape.bottom + 1);
  pen.textAlign = "left";
  pen.fillText(STRIP_WORDS, STRIP.left, STRIP.height - 5);
  const last = shape.x(shape.lastArrival), words = `last arrival ${seconds(shape.lastArrival, 0)}`, foot = STRIP.height - 5;
  const left = STRIP.left + pen.measureText(STRIP_WORDS).width, wide = pen.measureText(words).width;
  pen.textAlign = "right";
  pen.fillText(seconds(shape.end, 0), shape.width, foot);
  if (last > shape.width - 4) return;
  pen.fillRect(Math.round(last), shape.bottom, 1, 5);
  if (shape.isBroken) for (const x of [last + 5, last + 9]) pen.fillRect(Math.round(x), shape.bottom - 4, 1, 9); // two strokes: another scale
  if (last - wide > left + 16) pen.fillText(words, Math.min(last, shape.width - 48), foot);
}

const hasMoved = (log, before) => before !== undefined && log.ttft.some((ttft, i) => Math.abs(ttft - before.ttft[i]) > MOVED_MS);

/** How first tokens moved since the run before: a line from each old mark to the new one. */
function paintMoved(pen, shape, log, colours) {
  if (!log.before) return;
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i < log.count; i++) {
    if (!log.isShown(i) || !(Math.abs(log.ttft[i] - log.before[i]) > MOVED_MS)) continue;
    pen.moveTo(shape.x(log.arrival[i]), shape.y(log.before[i]));
    pen.lineTo(shape.x(log.arrival[i]), shape.y(log.ttft[i]));
  }
  pen.stroke();
}

function paintStrip(pen, shape, past, future, log, now, colours, focus) {
  const x = shape.x(now), scale = past.width / shape.width, height = past.height;
  pen.clearRect(0, 0, shape.width, STRIP.height);
  pen.drawImage(future, 0, 0, shape.width, STRIP.height);
  pen.clearRect(0, 0, x, STRIP.height); // the future's words lie in the past's picture too
  if (x * scale >= 1) pen.drawImage(past, 0, 0, x * scale, height, 0, 0, x, STRIP.height);
  pen.fillStyle = colours.ink;
  pen.fillRect(Math.round(x) - 1, 0, 2, shape.bottom);
  if (focus === null) return;
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(shape.x(log.arrival[focus]), shape.y(log.isServed(focus) ? log.ttft[focus] : Infinity), 6, 0, 7);
  pen.stroke();
}

/** The request whose mark lies nearest to a point, within a few pixels; null if none does. */
function nearestMark(shape, log, x, y) {
  let found = null, least = 8;
  const first = countUntil(log.arrival, shape.timeOf(x - 8)), last = countUntil(log.arrival, shape.timeOf(x + 8));
  for (let i = first; i < last; i++) {
    const apart = Math.hypot(shape.x(log.arrival[i]) - x, shape.y(log.ttft[i] || 0) - y);
    if (apart < least && log.isShown(i)) [found, least] = [i, apart];
  }
  return found;
}
