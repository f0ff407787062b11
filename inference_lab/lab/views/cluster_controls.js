// The bar of a replay: play, speed, steps, the rate and the clock.

const ICONS = { play: "M3 1.5v11l9.5-5.5z", pause: "M3 1.5h3v11h-3zM8 1.5h3v11h-3z" };

function newBar(hands) {
  const path = document.createElementNS(SVG, "path"), icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 14 14");
  icon.setAttribute("aria-hidden", "true");
  icon.append(path);
  const play = html("button", { type: "button", class: "play", title: "Space" }, icon);
  const speeds = html("div", { class: "speeds", role: "group", "aria-label": "Speed" });
  for (const [speed, shown] of SPEEDS) {
    const button = html("button", { type: "button", "aria-label": `Speed ${shown}` }, shown);
    button.addEventListener("click", () => hands.speed(speed, shown));
    speeds.append(button);
  }
  const button = (name, key, act) => {
    const made = html("button", { type: "button", class: "quiet", "aria-keyshortcuts": key }, name, html("kbd", {}, key));
    made.addEventListener("click", act);
    return made;
  };
  const step = button("Step", ".", hands.step), late = button("Next late", "N", hands.late);
  const part = button("Where they part", "P", hands.part);
  const rate = html("input", { type: "range", "aria-label": "Requests per second" }), rateShown = html("b", {});
  const rateLabel = html("label", { class: "rate" }, rateShown, rate);
  const clock = html("span", { class: "clock" });
  play.addEventListener("click", hands.toggle);
  rate.addEventListener("input", () => hands.rate(Number(rate.value)));
  const root = html("div", { class: "bar" }, play, speeds, step, late, part, rateLabel, clock);
  return {
    root, part, clock, rate,
    showPlaying(playing) {
      path.setAttribute("d", ICONS[playing ? "pause" : "play"]);
      play.setAttribute("aria-label", playing ? "Pause" : "Play");
    },
    showSpeed(speed) {
      SPEEDS.forEach(([one], i) => speeds.children[i].setAttribute("aria-pressed", one === speed));
    },
    showRate(picture, live) {
      rateLabel.hidden = !picture.percents;
      if (!picture.percents) return;
      [rate.min, rate.max, rate.step] = picture.percents;
      rate.hidden = !live;
      if (document.activeElement !== rate) rate.value = picture.percent;
      this.nameRate(picture, picture.percent);
    },
    nameRate(picture, percent) {
      const perS = Math.round((picture.requests_per_s * percent) / 100);
      rateShown.textContent = `${number(perS)} requests/s`;
      rate.setAttribute("aria-valuetext", `${perS} requests per second`);
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
