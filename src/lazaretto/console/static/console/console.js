/* Every page: the reader's time zone, live lists, selections, the preview frame.  No other host, nothing evaluated. */
"use strict";

const EVERY = 5000; // milliseconds between two looks at what is new

(function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  document.cookie = `lazaretto_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
})();

function liveWanted() {
  return localStorage.getItem("lazarettoLive") !== "off";
}

/* Calls `look` now and then while the page is seen and the reader has not switched it off (WCAG 2.2.2). */
function whileLive(look) {
  const turn = async () => {
    if (liveWanted() && !document.hidden) {
      try { await look(); } catch (error) { console.warn("not updated:", error); }
    }
    setTimeout(turn, EVERY);
  };
  setTimeout(turn, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && liveWanted()) look().catch(() => {}); });
}

async function fetched(address) {
  const answer = await fetch(address, { credentials: "same-origin", redirect: "manual", headers: { "X-Requested-With": "fetch" } });
  if (answer.type === "opaqueredirect") { location.reload(); throw new Error("logged out"); }
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
}

/* Puts new markup of our own server in the place of the old, unless it is the same or is being used. */
function replaced(place, html) {
  if (place.dataset.shown === html) return false;
  const active = document.activeElement;
  if (place.contains(active) && active.matches("input, select, summary")) return false;
  const back = place.contains(active) && active.getAttribute("href");
  const checked = new Set([...place.querySelectorAll("input[name=ids]:checked")].map((box) => box.value));
  place.innerHTML = html;
  place.dataset.shown = html;
  for (const box of place.querySelectorAll("input[name=ids]")) box.checked = checked.has(box.value);
  if (back) place.querySelector(`a[href="${CSS.escape(back)}"]`)?.focus({ preventScroll: true });
  return true;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-live-toggle]")) {
    const show = () => button.setAttribute("aria-pressed", String(liveWanted()));
    button.addEventListener("click", () => { localStorage.setItem("lazarettoLive", liveWanted() ? "off" : "on"); show(); });
    show();
  }

  for (const place of document.querySelectorAll("[data-live]")) {
    const address = new URL(location.href);
    address.searchParams.set("fragment", "1");
    whileLive(async () => {
      const html = await (await fetched(address)).text();
      if (replaced(place, html)) place.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  for (const form of document.querySelectorAll("[data-bulk]")) {
    const boxes = () => [...form.querySelectorAll("input[name=ids]")];
    const count = () => {
      const chosen = boxes().filter((box) => box.checked).length;
      const all = form.querySelector("[data-check-all]");
      if (all) { all.checked = chosen > 0 && chosen === boxes().length; all.indeterminate = chosen > 0 && !all.checked; }
      const text = form.querySelector("[data-count]");
      if (text) text.textContent = chosen ? `${chosen} selected` : "Nothing selected";
      for (const button of form.querySelectorAll(".lz-bulk button")) button.disabled = chosen === 0;
    };
    form.addEventListener("change", (event) => {
      if (event.target.matches?.("[data-check-all]")) for (const box of boxes()) box.checked = event.target.checked;
      count();
    });
    count();
  }

  for (const frame of document.querySelectorAll("iframe[data-preview]")) {
    const theme = document.documentElement.classList.contains("dark") || darkWanted() ? "dark" : "light";
    frame.src = `${frame.dataset.preview}?theme=${theme}`;
  }
});

function darkWanted() {
  const wanted = (localStorage.getItem("_x_adminTheme") || '"auto"').replaceAll('"', "");
  return wanted === "dark" || (wanted === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}
