// What figures that move have in common: they take the place of the still picture, and are drawn at the width they get.
// A kind registers itself: Moving.kinds.NAME = (data, tools) => redraw, where tools holds its controls and its plots.
const Moving = { kinds: {} };
(() => {
  const TEXT = 12.5, MARGIN = { top: 26, right: 12, bottom: 38, left: 42 };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const add = (parent, name, attributes = {}, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };
  let made = 0;

  // Plots side by side where there is room, below each other where there is none.
  const panels = (place, count, { height = 220, ratios = Array(count).fill(1), least = 230 } = {}) => {
    const holder = add(place, "div", { class: "moving-panels", "aria-hidden": "true" });
    const svgs = ratios.map(() => d3.select(holder).append("svg"));
    return () => {
      const width = holder.clientWidth, aside = width / count > least;
      holder.style.flexDirection = aside ? "row" : "column";
      const total = ratios.reduce((a, b) => a + b, 0);
      return svgs.map((svg, number) => {
        const wide = aside ? width * ratios[number] / total : width;
        svg.attr("width", wide).attr("height", height).selectAll("*").remove();
        return { svg, width: wide, height };
      });
    };
  };

  // The powers of ten among the values: a logarithmic axis has no ticks without a number.
  const powers = (values) => values.filter((value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9);

  // Axes of one plot, with marks at `yvalues` where they are given; returns a group for what is drawn.
  const axes = ({ svg, width, height }, { x, y, xlabel = "", title = "", left = MARGIN.left, xticks = 5, yticks = 5, yvalues, xformat = "f", yformat }) => {
    x.range([left, width - MARGIN.right]);
    y.range([height - MARGIN.bottom, MARGIN.top]);
    const foot = svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - MARGIN.bottom})`)
      .call(d3.axisBottom(x).ticks(xticks, xformat).tickValues(x.base ? powers(x.ticks(xticks)) : null).tickSizeOuter(0));
    if (yticks) {
      svg.append("g").attr("class", "axis grid").attr("transform", `translate(${left},0)`)
        .call(d3.axisLeft(y).ticks(yvalues ? Infinity : yticks, yformat).tickValues(yvalues ?? null).tickSize(-(width - left - MARGIN.right)));
    }
    foot.append("text").attr("class", "axis-label").attr("x", (left + width - MARGIN.right) / 2).attr("y", 33).text(xlabel);
    svg.append("text").attr("class", "panel-title").attr("x", yticks ? 4 : left).attr("y", 14).text(title);
    return svg.append("g");
  };

  // 0.001 as 10⁻³, for axes of many decades.
  const power = value => `10${[...String(Math.round(Math.log10(value)))].map(sign => sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]).join("")}`;

  // A native slider with its name; the value is told in words.
  const slider = (place, { label, count, start, told, changed }) => {
    const id = `moving-${++made}`, row = add(place, "div", { class: "moving-row" });
    add(row, "label", { for: id }, label);
    const input = add(row, "input", { type: "range", id, min: 0, max: count - 1, step: 1, value: start });
    const output = add(row, "output", { for: id });
    const tell = () => {
      const words = told(+input.value);
      output.textContent = words;
      input.setAttribute("aria-valuetext", words);
    };
    input.addEventListener("input", () => { tell(); changed(+input.value); });
    tell();
    return { row, get: () => +input.value, set: value => { input.value = value; tell(); changed(value); } };
  };

  const choice = (place, { type, label, name, checked, changed }) => {
    const id = `moving-${++made}`, holder = add(place, "span", { class: "moving-choice" });
    const input = add(holder, "input", { type, id, ...(name && { name }) });
    input.checked = checked;
    add(holder, "label", { for: id }, label);
    input.addEventListener("change", () => changed(input.checked));
    return { holder, input };
  };

  // Play and pause over the steps of a slider; with reduced motion in few large steps.
  const player = (control, count, seconds) => {
    const button = document.createElement("button");
    button.type = "button";
    let timer = 0;
    const stop = () => { clearInterval(timer); timer = 0; button.textContent = "Play"; };
    const play = () => {
      const stride = still.matches ? Math.ceil(count / 6) : 1;
      if (control.get() >= count - 1) control.set(0);
      button.textContent = "Pause";
      timer = setInterval(() => {
        const next = Math.min(count - 1, control.get() + stride);
        control.set(next);
        if (next === count - 1) stop();
      }, 1000 * seconds * stride / count);
    };
    button.addEventListener("click", () => timer ? stop() : play());
    stop();
    control.row.prepend(button);
  };

  const group = (place, name) => {
    const set = add(place, "fieldset", { class: "moving-row" });
    add(set, "legend", {}, name);
    return set;
  };

  const start = place => {
    const data = JSON.parse(place.querySelector("script").textContent), kind = Moving.kinds[place.dataset.moving];
    const figure = [...document.querySelectorAll("article figure")].find(
      one => place.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (!kind || !figure) return;
    figure.prepend(place);
    figure.classList.add("moves");
    place.hidden = false;
    const redraw = kind(data, place);
    let width = 0;
    new ResizeObserver(() => {  // told once at the beginning, when the page has its layout
      if (!place.clientWidth || place.clientWidth === width) return;
      width = place.clientWidth;
      redraw();
      place.dataset.ready = "true";
    }).observe(place);
  };

  Object.assign(Moving, { add, panels, axes, power, slider, choice, player, group, TEXT, MARGIN });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".moving").forEach(start));
})();
