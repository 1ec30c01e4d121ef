// The scorecard's filters: by kind, verdict, page, horizon and who asks, made from what its rows say of themselves.
document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("tr[data-verdict]")];
  if (rows.length < 20) return;  // a page's own claims need no filter
  const names = { kind: "Kind", verdict: "Verdict", page: "Page", horizon: "Horizon", origin: "Asked by" }, chosen = {};
  const longest = new Set(["horizon", "far"]);  // records of runs that go on until nothing moves
  for (const row of rows) row.dataset.horizon = row.dataset.record === "live" ? "no training" :
    longest.has(row.dataset.record) ? "trained to the end" : "a fixed number of iterations";
  const bar = document.createElement("form"), count = document.createElement("output");
  bar.className = "filters";
  bar.setAttribute("aria-label", "Filter the claims");
  bar.addEventListener("submit", event => event.preventDefault());
  let unfolded = false;
  const show = () => {
    for (const row of rows) row.hidden = Object.entries(chosen).some(([key, value]) => value && row.dataset[key] !== value);
    const asked = Object.values(chosen).some(Boolean);
    for (const part of document.querySelectorAll("details.claims, .verdicts")) {
      const kept = [...part.querySelectorAll("tr[data-verdict]")].some(row => !row.hidden);
      part.classList.toggle("empty", !kept);
      if (part.tagName === "DETAILS" && asked !== unfolded) part.open = asked;
    }
    unfolded = asked;  // what was folded by hand while a filter holds stays so until it is lifted
    count.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} claims and questions`;
  };
  for (const [key, name] of Object.entries(names)) {
    const values = [...new Set(rows.map(row => row.dataset[key]).filter(Boolean))];
    if (values.length < 2) continue;
    const label = document.createElement("label"), select = document.createElement("select");
    label.append(name, select);
    for (const value of ["", ...values]) select.append(new Option(value ? value.replaceAll(/[_-]/g, " ") : "all", value));
    select.addEventListener("change", () => { chosen[key] = select.value; show(); });
    bar.append(label);
  }
  bar.append(count);
  const group = rows[0].closest("details.claims");  // the filters are for all groups: they stand before the first heading
  (group?.closest("section") ?? rows[0].closest(".verdicts")).before(bar);
  show();
});
