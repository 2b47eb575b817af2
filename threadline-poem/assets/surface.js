// Every page works without this file. It only sets texts and attributes, follows links that are there, and
// submits forms that are there: it never makes markup, so the policy can forbid that to every script.
const root = document.documentElement;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
root.classList.add("has-js");

// Choices that stay in this browser: the zone, the keys, the polling. Nothing about anybody.
const kept = (name, fallback) => {
  try { return localStorage.getItem(`threadline-${name}`) ?? fallback; } catch { return fallback; }
};
const keep = (name, value) => {
  try { localStorage.setItem(`threadline-${name}`, value); } catch { /* then it is for this page alone */ }
};

// Copying. Without HTTPS there is no clipboard, and the old way has to do.
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    (one("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};
const copy = async (text, button) => {
  const done = await copied(text);
  const label = button && one(".vh", button);
  if (!label) return;
  const before = label.dataset.label ??= label.textContent;
  label.textContent = done ? "Copied" : "Could not be copied";
  button.title = label.textContent;
  button.classList.toggle("done", done);
  setTimeout(() => {
    label.textContent = button.title = before;
    button.classList.remove("done");
  }, 2000);
};

// Times: in the viewer's zone, or in UTC as the server wrote them.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
let isUtc = kept("zone", "local") === "utc";
const shifted = (at) => new Date(at.getTime() - (isUtc ? 0 : at.getTimezoneOffset() * 60000));
const offset = (at) => {
  const minutes = -at.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  return isUtc || zone === "UTC" ? "UTC" : `${minutes < 0 ? "−" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
};
const ago = (at) => {
  const seconds = Math.trunc((Date.now() - at) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const [unit, name] = [[31536000, "y"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].find(([unit]) => size >= unit);
  const distance = `${Math.trunc(size / unit)} ${name}`;
  return seconds < 0 ? `in ${distance}` : `${distance} ago`;
};
const told = (kind, text) => {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || text.indexOf("T") !== 10) return null;
  if (kind === "ago") return ago(at);
  const [day, clock] = shifted(at).toISOString().slice(0, 19).split("T");
  if (kind === "clock") return clock;
  if (kind === "m") return `${day} ${clock.slice(0, 5)}`;
  return `${day} ${clock}${kind === "us" ? text.slice(19, -1) : ""} ${offset(at)}`;
};
const tellTimes = (selector) => {
  for (const time of all(selector)) {
    const text = told(time.dataset.t, time.dateTime);
    if (text) time.textContent = text;
  }
};
const tellZone = () => {
  tellTimes("time[data-t]");
  for (const name of all("[data-zone], .zone-name")) name.textContent = isUtc ? "UTC" : zone;
};

// The server asks for moments in UTC and writes them so; the fields show them in the viewer's zone.
const fields = all("form[data-range] input[type=datetime-local]");
const asUtc = (value) => (isUtc ? `${value}Z` : value);
const tellFields = (moments) => fields.forEach((field, place) => {
  const at = moments[place];
  if (!Number.isNaN(at.getTime())) field.value = shifted(at).toISOString().slice(0, 19);
});
const moments = () => fields.map((field) => new Date(field.value && asUtc(field.value)));
tellFields(fields.map((field) => new Date(`${field.value}Z`)));
for (const form of all("form[data-range]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of fields.filter((field) => field.form === form)) {
      if (value) formData.set(name, `${new Date(asUtc(value)).toISOString().slice(0, 19)}Z`);
      else formData.delete(name);
    }
  });
}
const toggleZone = () => {
  const before = moments();
  isUtc = !isUtc;
  keep("zone", isUtc ? "utc" : "local");
  tellFields(before);
  tellZone();
};

// What is new. The list never moves under its reader: a link appears.
const { pulse, poll } = document.body.dataset;
const pause = Math.max(5, Number(poll) || 30) * 1000;
let tag = "";
let failures = 0;
const show = (news) => {
  const pill = one("[data-pill]");
  if (pill && Number.isInteger(news.uncovered)) {
    pill.textContent = news.uncovered === 0 ? "All covered" : `${news.uncovered} uncovered`;
    pill.parentElement.className = `pill ${news.uncovered === 0 ? "good" : "warning"}`;
    one("use", pill.parentElement).setAttribute("href", news.uncovered === 0 ? "#i-check" : "#i-alert");
  }
  const newer = one("[data-newer]");
  if (newer && news.newer > 0) {
    const count = `${news.newer}${news.newer_capped ? "+" : ""}`;
    one("[data-newer-text]", newer).textContent = `${count} newer ${count === "1" ? "change" : "changes"}`;
    newer.hidden = false;
  }
};
const look = async () => {
  if (document.hidden || kept("refresh", "on") === "off") return;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(pulse, { headers, cache: "no-store", redirect: "error" });
    if (!answer.ok && answer.status !== 304) throw new Error(answer.statusText);
    if (answer.ok) {
      tag = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    }
    failures = 0;
  } catch {
    failures += 1;
  }
  const now = told("clock", new Date().toISOString());
  for (const place of all("[data-checked]")) {
    place.textContent = failures ? "· could not look for newer changes" : `· looked for newer changes ${now}`;
  }
};
const plan = () => setTimeout(async () => {
  await look();
  plan();
}, pause * 2 ** Math.min(failures, 5) * (0.9 + 0.2 * Math.random()));

// The slider moves the list of versions beside it; letting go of it, or Enter, goes there.
for (const form of all("form[data-slider]")) {
  const [range, select] = [one("input[type=range]", form), one("select", form)];
  let byKey = false;
  range.addEventListener("keydown", () => { byKey = true; });
  range.addEventListener("pointerdown", () => { byKey = false; });
  range.addEventListener("input", () => {
    select.selectedIndex = range.value;
    range.setAttribute("aria-valuetext", select.selectedOptions[0].textContent);
  });
  range.addEventListener("change", () => byKey || form.requestSubmit());
  select.addEventListener("input", () => { range.value = select.selectedIndex; });
}

// Keys: while nothing but the page or an entry of a list has the focus.
const items = () => all("[data-item]");
const item = () => document.activeElement.closest("[data-item]");
const follow = (selector, within = document) => within && one(selector, within)?.click();
const move = (step) => {
  const list = items();
  const next = list[Math.max(0, Math.min(list.length - 1, list.indexOf(item()) + step))];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};
const nextTheme = () => {
  const themes = all("form[data-theme-form] input[name=theme]");
  if (!themes.length) return;
  themes[(themes.findIndex((theme) => theme.checked) + 1) % themes.length].checked = true;
  themes[0].form.requestSubmit();
};
const permalink = () => {
  const link = item() && one("[data-open]", item());
  copy(link ? link.href : location.href, link);
};
const unfold = () => {
  const folds = all("details:not(.menu)", item() ?? one("main"));
  const isOpen = folds.some((fold) => !fold.open);
  for (const fold of folds) fold.open = isOpen;
};
const keys = new Map([
  ["/", () => { one("[data-search]")?.focus(); one("[data-search]")?.select(); }],
  ["?", () => one("#help").showModal()],
  ["j", () => move(1)],
  ["k", () => move(-1)],
  ["Enter", () => item() && (one("[data-open]", item()) ?? one("a", item()))?.click()],
  ["o", unfold],
  ["y", permalink],
  ["f", () => follow("[data-filter]", item())],
  ["[", () => follow("a[rel=prev]")],
  ["]", () => follow("a[rel=next]")],
  ["u", toggleZone],
  ["t", nextTheme],
]);
let going = 0;
const isFree = (target) => target === document.body || target.matches("main, [data-item]");
const closeMenus = (but) => all("details.menu[open]").forEach((menu) => {
  if (!menu.contains(but)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const menu = document.activeElement.closest("details.menu[open]");
    closeMenus(null);
    if (menu) one("summary", menu).focus();
    else if (document.activeElement.matches("[data-search]")) document.activeElement.blur();
    return;
  }
  if (kept("keys", "on") === "off" || !isFree(event.target) || one("dialog[open]")) return;
  const place = Date.now() - going < 1500 && all("[data-go]").find((link) => link.dataset.go === event.key);
  going = event.key === "g" ? Date.now() : 0;
  const act = place ? () => place.click() : keys.get(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  closeMenus(event.target);
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button.dataset.copy, button);
  if (button.dataset.zone !== undefined) toggleZone();
  if (button.dataset.help !== undefined) one("#help").showModal();
});
for (const name of ["keys", "refresh"]) {
  for (const box of all(`input[data-${name}]`)) {
    box.checked = kept(name, "on") === "on";
    box.addEventListener("change", () => keep(name, box.checked ? "on" : "off"));
  }
}

tellZone();
setInterval(() => tellTimes("time[data-t=ago]"), 60000);
if (pulse) plan();
