// The bar of a replay: play, speed, steps, the rate and the clock.

const ICONS = { play: "M3 1.5v11l9.5-5.5z", pause: "M3 1.5h3v11h-3zM8 1.5h3v11h-3z" };

function newBar(hands, { percents, requests_per_s: requestsPerS, tenants }, live) {
  const path = document.createElementNS(SVG, "path"), icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 14 14");
  icon.setAttribute("aria-hidden", "true");
  icon.append(path);
  const play = html("button", { type: "button", class: "play", title: "Space" }, icon);
  const speeds = html("div", { class: "speeds", role: "group", "aria-label": "Speed" });
  for (const [speed, shown] of SPEEDS) {
    const button = html("button", { type: "button", "aria-label": `Speed ${shown}` }, `${shown}×`);
    button.addEventListener("click", () => hands.speed(speed, shown));
    speeds.append(button);
  }
  const button = (name, key, act) => {
    const made = newButton(name, "quiet");
    made.setAttribute("aria-keyshortcuts", key);
    made.append(html("kbd", {}, key));
    made.addEventListener("click", act);
    return made;
  };
  const step = button("Step", ".", hands.step), late = button("Next late", "N", hands.late);
  const part = button("Where they part", "P", hands.part);
  const clock = html("span", { class: "clock" });
  play.addEventListener("click", hands.toggle);
  const perS = (percent) => `${number(Math.round((requestsPerS * percent) / 100))} requests/s`;
  const [min, max, step_] = percents ?? [0, 1, 1], say = (percent) => [perS(percent), perS(percent)];
  const rate = newSlider({ name: "", described: "Requests per second", min, max, step: step_, value: 100, say });
  rate.root.hidden = !percents || !live;
  rate.input.addEventListener("input", () => hands.rate(rate.value()));
  const tenant = newMenu({ name: "Tenant", choices: ["all", ...tenants] });
  tenant.root.hidden = tenants.length < 2;
  tenant.input.addEventListener("change", () => hands.tenant(tenant.input.selectedIndex ? tenant.input.selectedIndex - 1 : null));
  const root = html("div", { class: "bar" }, play, speeds, step, late, part, tenant.root, rate.root, clock);
  return {
    root, part, clock, rate,
    showPlaying(playing) {
      path.setAttribute("d", ICONS[playing ? "pause" : "play"]);
      play.setAttribute("aria-label", playing ? "Pause" : "Play");
    },
    showSpeed(speed) {
      SPEEDS.forEach(([one], i) => speeds.children[i].setAttribute("aria-pressed", one === speed));
    },
  };
}

/** The name of a policy: a menu where Python can simulate another, else words. */
function showPolicy(side, index, picture, live, choose) {
  const { name } = picture.sides[index], now = side.title.firstElementChild;
  if (!live) return side.title.replaceChildren(html("b", {}, name));
  if (now?.tagName === "SELECT") return void (now.value = name);
  const select = html("select", { "aria-label": `Router ${"AB"[index]}`, "data-lm-suppress-shortcuts": "true" });
  for (const router of picture.routers) select.append(html("option", { value: router }, router));
  select.value = name;
  select.addEventListener("change", () => choose(index, select.value));
  side.title.replaceChildren(select);
}

/** What the marks mean that no word stands beside. */
function newLegend({ cells, cell_tokens: cellTokens, pause_ms: pause, caches, fetches, troubles, resends }) {
  const entry = (name, words) => html("span", {}, html("i", { class: `${name} swatch` }), words);
  const entries = [entry("queue", "waits"), entry("prefill", "is read")];
  if (fetches) entries.push(entry("kv_transfer", "its KV-cache comes from the host"));
  if (resends) entries.push(entry("again", "sent again, its replica was lost"));
  if (caches) entries.push(entry("cached", "found in the prefix cache, not read"));
  if (cells.length < MANY) {
    entries.push(entry("decode", `answers, in cells of up to ${number(cellTokens)} tokens of KV-cache`));
    entries.push(entry("pale", `paused by an iteration over ${milliseconds(pause)}`), entry("ends", "late"));
  }
  entries.push(entry("soon", resends ? "was, or will lie, here" : "will lie here"));
  entries.push(entry("coming", "will be late"), entry("beyond", "off the scale"));
  if (cells.length >= MANY) {
    if (troubles.length) entries.push(entry("gone", "lost or not there yet"), entry("slow", "slow"));
    entries.push(html("span", {}, `${cells.length} replicas: thin lanes of prompts alone; answers are not drawn, and late ones stand in the strip below`));
  }
  return html("p", { class: "legend" }, ...entries);
}
