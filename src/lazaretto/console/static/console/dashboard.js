/* The dashboard's charts, drawn by the Chart.js that comes with the frame. */
"use strict";

const STYLES = {
  category: {
    clean: ["Clean", "--chart-good", "plain"],
    spam: ["Spam", "--chart-spam", "dots"],
    suspicious: ["Suspicious", "--chart-warn", "rising"],
    unscannable: ["Unscannable", "--chart-odd", "grid"],
    infected: ["Infected", "--chart-bad", "falling"],
  },
  reply: {
    accept: ["Accepted", "--chart-good", "plain"],
    defer: ["Deferred", "--chart-warn", "rising"],
    reject: ["Rejected", "--chart-bad", "falling"],
    discard: ["Discarded", "--chart-spam", "dots"],
  },
};

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/* A hatch for each kind, so that colour is not the only difference. */
function filling(tone, hatch) {
  if (hatch === "plain") return tone;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = tone;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = colour("--paper");
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (hatch === "rising" || hatch === "grid") { pen.moveTo(-2, 10); pen.lineTo(10, -2); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(6, 10); pen.lineTo(10, 6); }
  if (hatch === "falling" || hatch === "grid") { pen.moveTo(-2, -2); pen.lineTo(10, 10); pen.moveTo(6, -2); pen.lineTo(10, 2); pen.moveTo(-2, 6); pen.lineTo(2, 10); }
  if (hatch === "dots") pen.arc(4, 4, 1.5, 0, 7), pen.fill();
  else pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function when(start, bar) {
  const at = new Date(start * 1000);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const day = at.toLocaleDateString([], { day: "2-digit", month: "short" });
  return bar < 3 * 3600 ? time : `${day} ${time}`;
}

function took(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

function axis(title, more) {
  const ink = colour("--dim");
  return { title: { display: true, text: title, color: ink, font: { weight: 600 } }, ticks: { color: ink, maxRotation: 0, autoSkip: true, autoSkipPadding: 16, ...(more?.ticks || {}) }, grid: { color: colour("--line"), drawTicks: false, ...(more?.grid || {}) }, border: { color: colour("--line") }, ...(more?.rest || {}) };
}

function common(bar) {
  return {
    responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { position: "bottom", labels: { color: colour("--ink"), usePointStyle: false, boxWidth: 22, boxHeight: 12, padding: 14 } },
      tooltip: { backgroundColor: colour("--ink"), titleColor: colour("--paper"), bodyColor: colour("--paper"), footerColor: colour("--paper"), padding: 10 },
    },
  };
}

function trafficChart(canvas, by, go) {
  return (data) => {
    const options = common(data.bar);
    options.scales = {
      x: axis("Time (your time zone)", { rest: { stacked: true }, grid: { display: false } }),
      y: axis(`Messages in ${data.bar_title === "minute" || data.bar_title === "hour" ? "a" : ""} ${data.bar_title}`.replace("  ", " "), { rest: { stacked: true, beginAtZero: true, suggestedMax: 5 }, ticks: { precision: 0 } }),
    };
    options.plugins.tooltip.callbacks = { footer: (items) => `Together: ${items.reduce((sum, item) => sum + item.parsed.y, 0)}` };
    options.onClick = (_event, hits, chart) => { if (hits.length) go(data, hits[0].index, by, Object.keys(STYLES[by])[hits[0].datasetIndex]); };
    const datasets = Object.entries(STYLES[by]).map(([name, [label, tone, hatch]]) => ({
      label, data: data[by][name], backgroundColor: filling(colour(tone), hatch), borderColor: colour(tone), borderWidth: 1, barPercentage: 0.95, categoryPercentage: 0.95, minBarLength: 2,
    }));
    for (const set of datasets) set.data = set.data.map((count) => count || null); // a zero has no bar, not even a short one
    return new Chart(canvas, { type: "bar", data: { labels: data.starts.map((start) => when(start, data.bar)), datasets }, options });
  };
}

function latencyChart(canvas) {
  return (data) => {
    const options = common(data.bar);
    options.scales = { x: axis("Time (your time zone)", { grid: { display: false } }), y: axis("Time taken (log scale)", { rest: { type: "logarithmic" }, ticks: { callback: (value) => ([1, 2, 5].includes(Number(String(value.toExponential())[0])) ? took(value) : "") } }) };
    options.plugins.tooltip.callbacks = { label: (item) => `${item.dataset.label}: ${took(item.parsed.y)}` };
    options.plugins.legend.labels.usePointStyle = true;
    const line = (label, values, tone, point, dash) => ({ label, data: values, borderColor: colour(tone), backgroundColor: colour(tone), pointStyle: point, borderDash: dash, borderWidth: 2, pointRadius: 3, spanGaps: false, tension: 0.2 });
    return new Chart(canvas, { type: "line", data: { labels: data.starts.map((start) => when(start, data.bar)), datasets: [line("Median", data.latency.median, "--link", "circle", []), line("95 % are done within", data.latency.p95, "--chart-warn", "triangle", [6, 4])] }, options });
  };
}

/* The same numbers as a table, made of text nodes only. */
function table(place, title, data, columns) {
  const grid = document.createElement("table");
  grid.createCaption().textContent = title;
  const head = grid.createTHead().insertRow();
  for (const word of ["Time", ...columns.map(([label]) => label)]) { const cell = document.createElement("th"); cell.scope = "col"; cell.textContent = word; head.append(cell); }
  const body = grid.createTBody();
  data.starts.forEach((start, index) => {
    const row = body.insertRow();
    const first = document.createElement("th"); first.scope = "row"; first.textContent = when(start, data.bar); row.append(first);
    for (const [, values, form] of columns) row.insertCell().textContent = form(values[index]);
  });
  place.replaceChildren(grid);
}

window.addEventListener("load", () => {
  const root = document.getElementById("dashboard");
  if (!root) return;
  let data = JSON.parse(document.getElementById("charts").textContent);
  let by = "category";
  let charts = [];
  let drawn = "";

  const go = (shown, index, group, name) => {
    const stamp = (seconds) => { const at = new Date(seconds * 1000); return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16); };
    const asked = new URLSearchParams({ [group]: name, since: stamp(shown.starts[index]), until: stamp(shown.starts[index] + shown.bar) });
    location.href = `${root.dataset.messages}?${asked}`;
  };

  const draw = () => {
    drawn = JSON.stringify([data, by]);
    for (const chart of charts) chart.destroy();
    charts = [trafficChart(document.getElementById("traffic"), by, go)(data), latencyChart(document.getElementById("latency"))(data)];
    const count = (value) => String(value || 0);
    table(root.querySelector("[data-table=traffic]"), `Messages in each ${data.bar_title}`, data, Object.entries(STYLES[by]).map(([name, [label]]) => [label, data[by][name], count]));
    table(root.querySelector("[data-table=latency]"), "Time taken", data, [["Median", data.latency.median, took], ["95 % within", data.latency.p95, took]]);
  };

  for (const button of root.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => {
      by = button.dataset.by;
      for (const each of root.querySelectorAll("[data-by]")) each.setAttribute("aria-pressed", String(each === button));
      draw();
    });
  }
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  draw();

  whileLive(async () => {
    const answer = await (await fetched(root.dataset.source)).json();
    for (const [name, html] of Object.entries(answer.parts)) for (const place of document.querySelectorAll(`[data-part="${name}"]`)) replaced(place, html);
    data = answer.charts;
    if (JSON.stringify([data, by]) !== drawn) draw();
  });
});
