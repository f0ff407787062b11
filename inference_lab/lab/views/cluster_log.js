// The log of one run, as replay.py packs it, and where its requests lie in the picture.

const FIELDS = ["arrival", "prompt", "output", "replica", "queued", "from", "until", "finish", "ttft"];
const EARLIER = ["of", "replica", "queued", "from", "until", "finish", "left"];
const TIMES = new Set(["arrival", "queued", "from", "until", "finish", "ttft", "left"]);
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
  const columns = (base64, names) => Object.fromEntries(unpacked(base64, names.length).map((column, i) => [names[i], TIMES.has(names[i]) ? scaled(column, tick) : column]));
  const named = (of) => Object.fromEntries(Object.entries(of).map(([name, column]) => {
    const values = typeof column === "string" ? unpacked(column, 1)[0] : null;
    return [name, (i) => (values ? values[i] : column)];
  }));
  Object.assign(log, columns(packed.log.requests, FIELDS));
  addVisits(log, columns(packed.log.earlier, EARLIER));
  const parts = Object.entries(named(packed.log.parts));
  log.parts = Object.fromEntries(parts.map(([name, of]) => [name, (i) => of(i) * tick]));
  log.more = named(packed.log.more);
  log.tenants = picture.tenants;
  log.whose = (i) => (log.more.tenant ? `, of ${log.tenants[log.more.tenant(i)]}` : "");
  log.cached = log.more.cached_tokens ?? (() => 0);
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
  log.away = new Map(); // request: intervals out of the batch
  const [whose, left, back] = unpacked(packed.log.away, 3);
  whose.forEach((i, k) => log.away.set(i, [...(log.away.get(i) ?? []), [left[k] * tick, back[k] * tick]]));
  log.changes = log.pauses.map((pauses) => pauses.flat()); // when cells change otherwise than by growing
  for (let v = 0; v < log.visits; v++) {
    if (log.from[v] >= 0) log.changes[log.replica[v]].push(log.from[v], log.until[v], log.finish[v], ...(log.away.get(log.of[v]) ?? []).flat());
  }
  log.changes = log.changes.map((times) => Float64Array.from(times).sort());
  placePrompts(log, lanes);
  placeCells(log, lanes, picture.cell_tokens);
  listInstants(log);
  log.last = log.finish.slice(0, log.count).reduce((most, end) => (end > most ? end : most), log.arrival.at(-1));
  countOnly(log, null, picture.limit_ms);
  return log;
}

/** Who is shown and counted: the requests of one tenant, or all (null). */
function countOnly(log, tenant, limit) {
  log.isShown = (i) => tenant === null || log.more.tenant(i) === tenant;
  log.only = tenant === null ? "" : `, ${log.tenants[tenant]} alone`;
  const shown = [...log.ttft.keys()].filter(log.isShown), sorted = (times) => Float64Array.from(times).sort();
  log.total = shown.length;
  log.ends = sorted(shown.filter(log.isServed).map((i) => log.finish[i]));
  const backs = [...log.left.keys()].filter((v) => log.next[v] >= 0 && log.isShown(log.of[v]));
  log.backs = sorted(backs.map((v) => log.left[v]));
  // A request is late from the moment its limit passes, not only when its first token comes at last.
  log.lostFrom = sorted(shown.filter((i) => !log.isServed(i)).map((i) => lostAt(log, i)));
  log.lateFrom = sorted(shown.filter(log.isLate).map((i) => log.arrival[i] + limit));
}

/**
 * Times of visits: one for each request, its last one, then those before it: of requests that were
 * sent back to the router, or that left the queue unread. `of` is whose visit it is, `prev` and
 * `next` are the visits of the same request around it, -1 for none.
 */
function addVisits(log, earlier) {
  const count = log.arrival.length, visits = count + earlier.of.length, last = new Map();
  const of = Int32Array.from({ length: visits }, (_, v) => (v < count ? v : earlier.of[v - count]));
  for (const name of EARLIER.slice(1)) {
    const column = name === "replica" ? new Int32Array(visits) : new Float64Array(visits);
    column.set(log[name] ?? log.finish.subarray(0, count));
    column.set(earlier[name], count);
    log[name] = column;
  }
  Object.assign(log, { visits, of, prev: new Int32Array(visits).fill(-1), next: new Int32Array(visits).fill(-1) });
  const link = (v) => {
    const before = last.get(of[v]) ?? -1;
    log.prev[v] = before;
    if (before >= 0) log.next[before] = v;
    last.set(of[v], v);
  };
  for (let v = count; v < visits; v++) link(v);
  for (const i of [...last.keys()]) if (log.from[i] >= 0) link(i);
}

/** The visits of a request, in order of time. */
function visitsOf(log, i) {
  const found = [];
  for (let v = i; v >= 0; v = log.prev[v]) found.unshift(v);
  if (log.from[i] >= 0) return found;
  for (let v = log.count; v < log.visits; v++) if (log.of[v] === i) found.push(v);
  return found.filter((v) => v >= log.count);
}

/** When a request that is never served is given up: as it leaves its last queue, else at once. */
const lostAt = (log, i) => visitsOf(log, i).reduce((last, v) => (log.left[v] > last ? log.left[v] : last), log.arrival[i]);

/** Whether a visit is over for the replica, but not yet for the router: it waits to be sent again. */
const isStranded = (log, v, now) => v >= log.count && now >= (log.from[v] >= 0 ? log.finish[v] : log.queued[v]) && now < log.left[v];

/** Prompts read at the same time share the height of their lane, as they share iterations. */
function placePrompts(log, lanes) {
  log.boxes = Array.from({ length: log.visits }, () => []); // of each: from, until, row, rows, from, ...
  const events = Array.from({ length: lanes }, () => []);
  for (let v = 0; v < log.visits; v++) {
    if (log.from[v] >= 0) events[log.replica[v]].push([log.from[v], 1, v], [log.until[v], 0, v]);
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
  log.cells = Array.from({ length: log.visits }, () => []);
  const taken = Array.from({ length: lanes }, () => []), events = [];
  for (let v = 0; v < log.visits; v++) {
    if (log.finish[v] > log.from[v]) events.push([log.from[v], 1, v], [log.finish[v], 0, v]);
  }
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]); // an end makes room for a start
  log.mostCells = 0;
  for (const [, starts, i] of events) {
    const lane = taken[log.replica[i]];
    if (!starts) {
      for (const cell of log.cells[i]) lane[cell] = false;
      continue;
    }
    const found = [], need = Math.max(1, Math.ceil((ownPrompt(log, i) + answerOf(log, i)) / tokens));
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
  const end = Math.max(log.arrival.at(-1), log.left.reduce((most, t) => (t > most ? t : most), 0));
  log.stretch = Math.max(100, end / 4000);
  log.present = Array.from({ length: Math.floor((end + LATER) / log.stretch) + 2 }, () => []);
  for (let v = 0; v < log.visits; v++) {
    if (!(log.left[v] >= 0)) continue;
    const first = Math.max(0, Math.floor((log.queued[v] - EARLY) / log.stretch));
    const last = Math.floor((log.left[v] + LATER) / log.stretch);
    for (let k = first; k <= last; k++) log.present[k].push(v);
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

/** How long its KV-cache takes to come from the host, just before the prompt is read. */
const fetchOf = (log, i) => log.parts.kv_transfer?.(i) ?? 0;

/** Tokens of the prompt that were not found in the prefix cache. */
const ownPrompt = (log, v) => log.prompt[log.of[v]] - log.cached(log.of[v]);

/** Tokens of the answer; how many a visit had handed out when its replica was lost, nobody logged. */
const answerOf = (log, v) => (v < log.count ? log.output[v] - 1 : 0);

/** Tokens of a visit that the KV-cache holds: those read so far, then one more for each step. */
function tokensAt(log, v, now) {
  const { from, until, finish } = log, prompt = ownPrompt(log, v);
  if (now < from[v]) return 0;
  if (now < until[v]) return (prompt * (now - from[v])) / (until[v] - from[v]);
  if (finish[v] <= until[v]) return prompt;
  return prompt + (answerOf(log, v) * (Math.min(now, finish[v]) - until[v])) / (finish[v] - until[v]);
}
