// The controls of all views: slider, menu, switch, button, and the code of the point shown.

/**
 * A slider with its name before it and its value beside the thumb.
 * `say` puts a value into words: `[shown beside the thumb, read aloud]`.
 */
function newSlider({ name, described = name, min, max, step = 1, value, say }) {
  const input = html("input", { type: "range", min, max, step, "aria-label": described });
  const beside = html("output", { "aria-hidden": "true" });
  const track = html("span", { class: "track" }, input, beside);
  const root = html("label", { class: "slider" }, html("span", {}, name), track);
  const show = () => {
    const [shown, aloud] = say(Number(input.value));
    track.style.setProperty("--at", (input.value - min) / (max - min));
    beside.textContent = shown;
    input.setAttribute("aria-valuetext", aloud);
  };
  const set = (next) => {
    input.value = next;
    show();
  };
  input.addEventListener("input", show);
  set(value);
  return { root, input, set, value: () => Number(input.value) };
}

/** A menu with its name before it. */
function newMenu({ name, described = name, choices, value }) {
  const input = html("select", { "aria-label": described });
  for (const choice of choices) input.append(html("option", { value: choice }, choice));
  if (value !== undefined) input.value = value;
  return { root: html("label", { class: "menu" }, html("span", {}, name), input), input };
}

/** A switch with its name behind it. */
function newSwitch({ name, on = false }) {
  const input = html("input", { type: "checkbox", role: "switch" });
  input.checked = on;
  return { root: html("label", { class: "switch" }, input, html("span", {}, name)), input };
}

/** A button; the main one of a view is filled. */
function newButton(text, kind = "") {
  return html("button", { type: "button", class: kind }, text);
}

function newControls(...children) {
  return html("div", { class: "controls" }, ...children);
}

/** A button that copies the code; it is shown too, for browsers that do not let a page copy. */
function newCode() {
  const button = newButton("Copy these settings as code");
  const pre = html("pre"), details = html("details", {}, html("summary", {}, "Show the code"), pre);
  const said = html("span", { role: "status" });
  button.addEventListener("click", async () => {
    details.open = true;
    try {
      await navigator.clipboard.writeText(pre.textContent);
      said.textContent = " Copied.";
    } catch {
      getSelection().selectAllChildren(pre);
      said.textContent = " Selected below: copy it.";
    }
    setTimeout(() => (said.textContent = ""), 2500);
  });
  const root = html("div", { class: "code" }, button, said, details);
  return { root, show: (code) => (pre.textContent = code) };
}
