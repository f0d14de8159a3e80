// The page at `/`: search, live tail, histogram and counts, over the same API as everybody's.
// Texts of logs only ever become text nodes, so nothing in a log can act in this page.

const SEVERITIES = ["info", "warn", "error", "critical"];
const PAGE = 50, LIVE_ROWS = 200, FRESH_MS = 5000, AGAIN_MS = 2000;
const byId = (id) => document.getElementById(id);
const filters = byId("filters"), rows = byId("logs").tBodies[0];
let nextCursor = null, tail = null, asked = 0, stale = false, found = 0, isAbout = false;

// Access

function headers(more = {}) {
  const key = sessionStorage.getItem("key"), tenant = sessionStorage.getItem("tenant");
  return { ...(key && { Authorization: `Bearer ${key}` }), ...(tenant && { "X-Tenant-Id": tenant }), ...more };
}

async function ask(path, parameters, options = {}) {
  const answer = await fetch(`/api/v1${path}?${parameters}`, { headers: headers(), ...options });
  if (answer.ok) return options.stream ? answer : answer.json();
  const told = await answer.json().catch(() => ({ error: answer.statusText }));
  const why = (told.details ?? []).map((fault) => fault.message).join("; ") || `${told.error} (${answer.status})`;
  throw Object.assign(new Error(why), { status: answer.status });
}

function notice(error) {
  const place = byId("notice");
  place.hidden = !error;
  place.textContent = error ? `${error.message ?? error}` : "";
  if (/\((401|403)\)/.test(place.textContent)) byId("access").open = true;
}

// Filters

function parameters() {
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(filters)) {
    if (value === "") continue;
    given.set(name, name.endsWith("Date") ? new Date(value).toISOString() : value);
  }
  return given;
}

// What is searched for stands in the address, so that it can be sent to someone.
function remember() {
  const given = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value !== ""));
  history.replaceState(null, "", given.size ? `?${given}` : location.pathname);
}

function recall() {
  for (const [name, value] of new URLSearchParams(location.search))
    if (filters.elements[name]) filters.elements[name].value = value;
}

// Logs

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function logRow(log) {
  const time = new Date(log.timestamp);
  const cells = [
    element("td", { className: "time", title: log.timestamp }, time.toLocaleString()),
    element("td", { className: "severity" }, log.severity ?? ""),
    ...[log.service, log.action, log.userId, log.outcome, log.message].map((text) => element("td", {}, text ?? "")),
  ];
  const row = element("tr", { className: `log is-${log.severity}`, tabIndex: 0 }, ...cells);
  row.dataset.id = log._id;
  row.setAttribute("aria-expanded", "false");
  let whole = null;
  const toggle = () => {
    const open = whole;
    open?.remove();
    whole = open ? null : element("tr", {}, element("td", { colSpan: cells.length }, element("pre", {}, JSON.stringify(log, null, 2))));
    if (whole) row.after(whole);
    row.setAttribute("aria-expanded", `${!!whole}`);
  };
  row.addEventListener("click", toggle);
  row.addEventListener("keydown", (event) => event.key === "Enter" && toggle());
  return row;
}

async function search(older = false) {
  const turn = ++asked, wanted = parameters();
  wanted.set("limit", PAGE);
  if (older) wanted.set("cursor", nextCursor);
  const page = await ask("/logs", wanted);
  if (turn !== asked) return;
  if (!older) rows.replaceChildren();
  rows.append(...page.data.map(logRow));
  if (!older && !page.data.length) rows.append(element("tr", { id: "none" }, element("td", { colSpan: 7, className: "hint" }, "No logs here.")));
  nextCursor = page.pagination.nextCursor ?? null;
  byId("more").hidden = !nextCursor;
  if (page.pagination.total !== undefined) showTotal(page.pagination.total, page.pagination.approximate);
}

function showTotal(count, approximate = isAbout) {
  [found, isAbout] = [count, Boolean(approximate)];
  byId("total").textContent = `${isAbout ? "about " : ""}${found.toLocaleString()} in all`;
}

// Counts

async function counts() {
  const wanted = parameters();
  for (const name of [...wanted.keys()])
    if (!["service", "action", "severity", "startDate", "endDate"].includes(name)) wanted.delete(name);
  wanted.set("limit", 20);
  const { data } = await ask("/stats", wanted);
  byId("counts").tBodies[0].replaceChildren(...data.map((row) => element("tr", {},
    element("td", {}, row.service), element("td", {}, row.action),
    element("td", { className: "number" }, row.count.toLocaleString()),
    element("td", { className: "number" }, (row.severity.error + row.severity.critical).toLocaleString()))));
}

// Histogram

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function total(point) {
  return SEVERITIES.reduce((sum, severity) => sum + (point.counts[severity] ?? 0), 0);
}

function bars(points, width, height, most) {
  const step = width / points.length, gap = Math.min(2, step / 4);
  return points.flatMap((point, i) => {
    let top = height;
    const label = `${new Date(point.start).toLocaleString()}: ${total(point).toLocaleString()}`;
    return SEVERITIES.map((severity) => {
      const tall = (point.counts[severity] ?? 0) / most * height;
      top -= tall;
      return drawn("rect", { class: `bar-${severity}`, x: i * step, y: top, width: Math.max(step - gap, 1), height: tall },
        drawn("title", {}, label));
    });
  });
}

async function histogram() {
  const wanted = parameters();
  if (!wanted.has("startDate")) wanted.set("startDate", new Date(Date.now() - 86400000).toISOString());
  wanted.set("by", "severity");
  const { data } = await ask("/logs/histogram", wanted);
  const width = 640, height = 180, most = Math.max(1, ...data.map(total));
  const picture = drawn("svg", { viewBox: `0 -14 ${width} ${height + 32}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `Logs over time by severity, at most ${most} at once` }, ...bars(data, width, height, most));
  const ends = data.length ? [data[0].start, data.at(-1).start].map((start) => new Date(start).toLocaleString()) : ["", ""];
  const legend = element("figcaption", { className: "legend" },
    ...SEVERITIES.map((severity) => element("span", { className: severity }, severity)),
    element("small", {}, `${ends[0]} – ${ends[1]}, most ${most.toLocaleString()}`));
  byId("histogram").replaceChildren(picture, legend);
}

// Live

async function* lines(stream) {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + chunk).split("\n");
    rest = whole.pop();
    yield* whole.filter((line) => line.trim() !== "");
  }
}

function show(log) {
  if ([...rows.rows].some((row) => row.dataset.id === log._id)) return; // the search has found it meanwhile
  const row = logRow(log);
  row.classList.add("new");
  byId("none")?.remove();
  rows.prepend(row);
  showTotal(found + 1);
  for (; rows.rows.length > LIVE_ROWS; rows.lastChild.remove()) byId("more").hidden = true; // there would be a gap before them
}

async function follow(signal) {
  const wanted = parameters();
  ["startDate", "endDate"].forEach((name) => wanted.delete(name));
  const answer = await ask("/logs/tail", wanted, { stream: true, signal, headers: headers({ Accept: "application/x-ndjson" }) });
  for await (const line of lines(answer.body)) {
    const log = JSON.parse(line);
    if (log.dropped !== undefined) notice(`${log.dropped} logs came too fast to be shown`);
    if (!log.timestamp) continue;
    show(log);
    stale = true;
  }
}

// A gateway that is started anew ends the stream; what is wrong with the question stays wrong.
async function followOn(signal) {
  while (!signal.aborted) {
    const error = await follow(signal).catch((error) => error);
    if (signal.aborted) return;
    if (error?.status >= 400 && error.status < 500) throw error;
    notice("The live log broke off, trying again");
    await new Promise((done) => setTimeout(done, AGAIN_MS));
    if (!signal.aborted && await search().then(() => true, () => false)) notice(); // what was missed
  }
}

async function setLive(on) {
  tail?.abort();
  tail = on ? new AbortController() : null;
  if (!tail) return;
  const mine = tail;
  try {
    await followOn(mine.signal);
  } catch (error) {
    if (!mine.signal.aborted) notice(error);
  }
  if (tail === mine) byId("live").checked = false;
}

// All together

async function refresh() {
  remember();
  notice();
  const results = await Promise.allSettled([search(), counts(), histogram()]);
  notice(results.find((result) => result.status === "rejected")?.reason);
  if (byId("live").checked) setLive(true);
}

// While logs come in live the figures follow, a little behind.
setInterval(() => {
  if (!tail || !stale || document.hidden) return;
  stale = false;
  Promise.allSettled([counts(), histogram()]);
}, FRESH_MS);

filters.addEventListener("submit", (event) => { event.preventDefault(); refresh(); });
filters.addEventListener("reset", () => setTimeout(refresh));
byId("more").addEventListener("click", () => search(true).catch(notice));
byId("live").addEventListener("change", (event) => setLive(event.target.checked));
byId("access-form").addEventListener("submit", (event) => {
  event.preventDefault();
  for (const [name, value] of new FormData(event.target))
    value ? sessionStorage.setItem(name, value) : sessionStorage.removeItem(name);
  byId("access").open = false;
  refresh();
});
recall();
refresh();
