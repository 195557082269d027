// Keeps the figures of the overview fresh. Stops when the page is hidden or the server is gone.
"use strict";
const figures = document.querySelector("[data-live]");
const state = document.querySelector("[data-state]");

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(figures.dataset.live, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    for (const [name, text] of Object.entries(await answer.json())) {
      const item = figures.querySelector(`[data-figure="${CSS.escape(name)}"]`);
      if (!item) continue;
      const value = item.querySelector(".value");
      item.classList.toggle("changed", value.textContent !== text);
      value.textContent = text;
    }
    state.textContent = `Live, as of ${new Date().toLocaleTimeString()}.`;
  } catch {
    state.textContent = "The server has stopped.";
    clearInterval(timer);
  }
}

const timer = setInterval(refresh, 2000);
refresh();
