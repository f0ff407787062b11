// What the picture says in words. held_up.py says the same of a request, in the same words.

const AT_ONCE_MS = 1;

const wholeMs = (ms) => milliseconds(Math.round(ms + 1e-6));
const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const seconds = (ms, digits = 2) => `${(ms / 1000).toFixed(digits)} s`;

/** Why a request got its first token when it did, looked up in the log. */
function heldUp(log, i, pause) {
  const before = [], beside = [], start = log.from[i], end = log.until[i], same = 1e-6;
  let answers = 0, freedBy = null;
  for (let v = 0; v < log.visits; v++) {
    const k = log.of[v];
    if (k === i || log.replica[v] !== log.replica[i] || !(log.from[v] >= 0)) continue;
    if (log.from[v] < start - same && log.until[v] > log.queued[i] + same) before.push(k);
    if (log.from[v] < end - same && log.until[v] > start + same) beside.push(k);
    if (log.until[v] <= start + same && log.finish[v] > start + same) answers += 1;
    const isEnd = Math.abs(log.finish[v] - start) < same && log.until[v] < log.finish[v] - same;
    if (isEnd && freedBy === null) freedBy = k;
  }
  const fetching = fetchOf(log, i), wait = start - log.queued[i] - fetching;
  if (before.length || wait <= pause + same) freedBy = null;
  return { wait, fetching, read: end - start, before, beside, answers, freedBy };
}

function promptsInWords(log, requests) {
  if (requests.length === 1) return `request ${requests[0]} (${number(log.prompt[requests[0]])} tokens)`;
  const longest = requests.reduce((a, b) => (log.prompt[b] - log.prompt[a] || a - b) > 0 ? b : a);
  const total = requests.reduce((sum, k) => sum + log.prompt[k], 0);
  return `${requests.length} prompts with ${number(total)} tokens together (the longest: request ${longest}, ${number(log.prompt[longest])})`;
}

/** How often a request was sent again, and where it was before. */
function againInWords(log, i) {
  const times = log.more.retries?.(i) ?? 0, before = log.prev[i];
  if (!times) return "";
  const read = log.arrival[i] + log.ttft[i] <= log.queued[i] + 1e-6 ? " after its first token" : "";
  return `Sent again ${times === 1 ? "once" : `${times} times`}${read}: replica ${log.replica[before < 0 ? i : before]} was lost. `;
}

function heldUpInWords(log, i, pause) {
  if (!log.isServed(i)) return `Request ${i} is not served.`;
  const found = heldUp(log, i, pause);
  let said = `${againInWords(log, i)}On replica ${log.replica[i]} it `;
  let first = "";
  if (found.wait >= AT_ONCE_MS - 1e-6) {
    const cause = found.before.length ? `behind ${promptsInWords(log, found.before)}`
      : found.freedBy !== null ? `until the answer of request ${found.freedBy} ends and makes room`
        : `for the next token of ${plural(found.answers, "answer")}`;
    first += `waits ${wholeMs(found.wait)} ${cause}, then `;
  }
  if (found.fetching) first += `gets its KV-cache from the host in ${wholeMs(found.fetching)}, then `;
  said += `${first}is read ${first ? "" : "at once, "}in ${wholeMs(found.read)}`;
  if (log.cached(i)) said += ` (${number(log.cached(i))} of its ${number(log.prompt[i])} tokens are cached)`;
  if (found.beside.length) said += ` together with ${promptsInWords(log, found.beside)}`;
  return `${said}.`;
}

/** When a request gets its first token under each policy. */
function ttftInWords(logs, i) {
  const tokens = `Request ${i} (${number(logs[0].prompt[i])} tokens${logs[0].whose(i)})`;
  const after = (log) => (log.isServed(i) ? wholeMs(log.ttft[i]) : "never");
  if (logs.length === 1) return `${tokens} gets its first token after ${after(logs[0])}.`;
  return `${tokens} gets its first token after ${logs.map((log) => `${after(log)} with ${log.name}`).join(", ")}.`;
}

/** Where two policies part, and which of them is the better one there and in all. */
function partingInWords(logs, partings, i, parted) {
  const by = milliseconds(parted), sooner = [0, 0];
  for (const k of partings) sooner[logs[0].ttft[k] < logs[1].ttft[k] ? 0 : 1] += 1;
  const first = partings[0] === i ? `Until here all first tokens are within ${by} of each other. ` : "";
  return `${first}${ttftInWords(logs, i)} In all, ${number(partings.length)} of ${number(logs[0].total)} differ by more than ${by}: `
    + `${number(sooner[0])} come sooner with ${logs[0].name}, ${number(sooner[1])} with ${logs[1].name}.`;
}

/** Where the replay stands, for those who hear it too. */
function instantInWords(logs, now, troubles) {
  const lanes = troublesInWords(troubles, now);
  return `At ${seconds(now)}${logs[0].only}: ${logs.map((log) => `${logs.length > 1 ? `${log.name} ` : ""}${countsInWords(log, now)}`).join("; ")}.${lanes && ` ${lanes}`}`;
}

/** One step of the replay, for those who hear it too. */
function eventInWords(logs, [time, what, i]) {
  const when = `${seconds(time, 3)}: request ${i}`;
  if (what === "arrives") {
    const to = logs.map((log) => (log.isServed(i) ? `${log.name} sends it to replica ${log.replica[i]}` : `${log.name} cannot serve it`));
    return `${when} (${number(logs[0].prompt[i])} tokens) arrives; ${to.join(", ")}.`;
  }
  if (what === "again") return `${when} goes back to the router: its replica was lost.`;
  const log = logs.find((one) => Math.abs((what === "is read" ? one.from[i] : one.until[i]) - time) < 1e-6);
  const where = `replica ${log.replica[i]}, ${log.name}`;
  if (what === "is read") return `${when} begins to be read after ${wholeMs(log.from[i] - log.queued[i])} in the queue (${where}).`;
  const late = log.isLate(i) ? ", late" : "";
  return `${when} gets its first token ${wholeMs(log.ttft[i])} after it was sent${late} (${where}).`;
}

function countsInWords(log, now) {
  const done = countUntil(log.ends, now), late = countUntil(log.lateFrom, now);
  const lost = countUntil(log.lostFrom, now), back = countUntil(log.backs, now), all = log.lateFrom.length;
  return `${number(done)} done, ${number(late)} of ${number(all)} late${late < all ? " so far" : ""}${back ? `, ${number(back)} sent again` : ""}${lost ? `, ${number(lost)} not served` : ""}`;
}
