// The log of one run, as replay.py packs it, and where its requests lie in the picture.

const FIELDS = ["arrival", "prompt", "output", "replica", "queued", "from", "until", "finish", "ttft"];
const TIMES = new Set(["arrival", "queued", "from", "until", "finish", "ttft"]);
const EARLY = 200, LATER = 250; // ms around its life for which a request is on the list of an instant

function unpacked(base64, columns) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const all = new Int32Array(bytes.buffer), length = all.length / columns;
  return Array.from({ length: columns }, (_, i) => all.subarray(i * length, (i + 1) * length));
}

const scaled = (ticks, tick) => Float64Array.from(ticks, (value) => (value < 0 ? NaN : value * tick));

/** Columns in milliseconds and tokens, and the intervals of each replica. */
function newLog(packed, picture) {
  const tick = picture.tick_ms, log = { name: packed.name, pins: packed.pins };
  unpacked(packed.log.requests, FIELDS.length).forEach((column, i) => {
    log[FIELDS[i]] = TIMES.has(FIELDS[i]) ? scaled(column, tick) : column;
  });
  log.count = log.arrival.length;
  log.isLate = (i) => log.ttft[i] > picture.limit_ms;
  log.isServed = (i) => log.ttft[i] >= 0;
  const lanes = picture.cells.length, perLane = (base64) => {
    const [replica, from, until] = unpacked(base64, 3), found = Array.from({ length: lanes }, () => []);
    replica.forEach((lane, k) => found[lane].push([from[k] * tick, until[k] * tick]));
    return found;
  };
  log.readings = perLane(packed.log.readings);
  log.pauses = perLane(packed.log.pauses);
  log.more = Object.fromEntries(Object.entries(packed.log.more).map(([name, column]) => {
    const values = typeof column === "string" ? unpacked(column, 1)[0] : null;
    return [name, (i) => (values ? values[i] : column) * tick]; // parts of TTFT at no replica's belt
  }));
  log.away = new Map(); // request: intervals out of the batch
  const [whose, left, back] = unpacked(packed.log.away, 3);
  whose.forEach((i, k) => log.away.set(i, [...(log.away.get(i) ?? []), [left[k] * tick, back[k] * tick]]));
  log.changes = log.pauses.map((pauses) => pauses.flat()); // when cells change otherwise than by growing
  for (let i = 0; i < log.count; i++) {
    if (log.from[i] >= 0) log.changes[log.replica[i]].push(log.from[i], log.until[i], log.finish[i], ...(log.away.get(i) ?? []).flat());
  }
  log.changes = log.changes.map((times) => Float64Array.from(times).sort());
  placePrompts(log, lanes);
  placeCells(log, lanes, picture.cell_tokens);
  listInstants(log);
  log.ends = log.finish.filter((end) => end >= 0).sort();
  // A request is late from the moment its limit passes, not only when its first token comes at last.
  log.lateFrom = Float64Array.from([...log.ttft.keys()].filter(log.isLate), (i) => log.arrival[i] + picture.limit_ms).sort();
  log.last = log.ends.length ? log.ends.at(-1) : log.arrival.at(-1);
  return log;
}

/** Prompts read at the same time share the height of their lane, as they share iterations. */
function placePrompts(log, lanes) {
  log.boxes = Array.from({ length: log.count }, () => []); // of each: from, until, row, rows, from, ...
  const events = Array.from({ length: lanes }, () => []);
  for (let i = 0; i < log.count; i++) {
    if (log.from[i] >= 0) events[log.replica[i]].push([log.from[i], 1, i], [log.until[i], 0, i]);
  }
  for (const lane of events) {
    lane.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const here = [];
    let since = 0;
    for (const [time, starts, i] of lane) {
      if (time > since) here.forEach((one, row) => extend(log.boxes[one], since, time, row, here.length));
      if (starts) here.push(i);
      else here.splice(here.indexOf(i), 1);
      since = time;
    }
  }
}

function extend(boxes, from, until, row, rows) {
  const last = boxes.length - 4;
  if (last >= 0 && boxes[last + 1] === from && boxes[last + 2] === row && boxes[last + 3] === rows) boxes[last + 1] = until;
  else boxes.push(from, until, row, rows);
}

/** Each request keeps its cells, the lowest free ones, from its first iteration to its end. */
function placeCells(log, lanes, tokens) {
  log.cells = new Array(log.count);
  const taken = Array.from({ length: lanes }, () => []), events = [];
  for (let i = 0; i < log.count; i++) {
    if (log.from[i] >= 0) events.push([log.from[i], 1, i], [log.finish[i], 0, i]);
  }
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]); // an end makes room for a start
  log.mostCells = 0;
  for (const [, starts, i] of events) {
    const lane = taken[log.replica[i]];
    if (!starts) {
      for (const cell of log.cells[i]) lane[cell] = false;
      continue;
    }
    const found = [], need = Math.max(1, Math.ceil((log.prompt[i] + log.output[i] - 1) / tokens));
    for (let cell = 0; found.length < need; cell++) {
      if (lane[cell]) continue;
      lane[cell] = true;
      found.push(cell);
    }
    log.cells[i] = found;
    log.mostCells = Math.max(log.mostCells, found.at(-1) + 1);
  }
}

/** For each stretch of time, who may be in the picture: what a frame has to look at. */
function listInstants(log) {
  const end = Math.max(log.arrival.at(-1), ...[log.finish.reduce((most, t) => (t > most ? t : most), 0)]);
  log.stretch = Math.max(100, end / 4000);
  log.present = Array.from({ length: Math.floor((end + LATER) / log.stretch) + 2 }, () => []);
  for (let i = 0; i < log.count; i++) {
    if (!(log.from[i] >= 0)) continue;
    const first = Math.max(0, Math.floor((log.queued[i] - EARLY) / log.stretch));
    const last = Math.floor((log.finish[i] + LATER) / log.stretch);
    for (let k = first; k <= last; k++) log.present[k].push(i);
  }
}

const presentAt = (log, now) => log.present[Math.max(0, Math.floor(now / log.stretch))] ?? [];

/** How many of a sorted list are at or before an instant. */
function countUntil(sorted, now) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether an instant lies in one of these intervals, which are sorted and apart. */
function isWithin(intervals, now) {
  let low = 0, high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle][1] <= now) low = middle + 1;
    else high = middle;
  }
  return low < intervals.length && intervals[low][0] <= now;
}

/** Tokens of a request that the KV-cache holds: those read so far, then one more for each step. */
function tokensAt(log, i, now) {
  const { from, until, finish, prompt, output } = log;
  if (now < from[i]) return 0;
  if (now < until[i]) return (prompt[i] * (now - from[i])) / (until[i] - from[i]);
  if (finish[i] <= until[i]) return prompt[i];
  return prompt[i] + ((output[i] - 1) * (Math.min(now, finish[i]) - until[i])) / (finish[i] - until[i]);
}
