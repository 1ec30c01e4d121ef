// Modes that decay: what is learnt by time t, and how much of each mode is still to learn.
Moving.kinds.modes = (data, place) => {
  let now = data.still;
  const left = () => data.rates.map(rate => Math.exp(-rate * data.times[now]));
  const draw = () => {
    const [first, second] = room(), over = left();
    const curve = data.x.map((_, i) => data.rest[now][i] + d3.sum(data.parts, (part, j) => (1 - over[j]) * part[i]));
    const span = d3.extent(data.y), pad = 0.15 * (span[1] - span[0]);
    const x = d3.scaleLinear().domain(d3.extent(data.x)), y = d3.scaleLinear().domain([span[0] - pad, span[1] + pad]);
    const drawn = Moving.axes(first, { x, y, xlabel: "x", title: "targets (dots), and what is learnt by now" }).attr("class", "learnt");
    drawn.selectAll("circle").data(data.y).join("circle").attr("cx", (_, i) => x(data.x[i])).attr("cy", y).attr("r", 3);
    drawn.append("path").attr("d", d3.line((_, i) => x(data.x[i]), y)(curve));
    const share = d3.scaleLinear().domain([0, 1]), rows = d3.scalePoint().domain(data.numbers).padding(0.6);
    const bars = Moving.axes(second, { x: share, y: rows, xlabel: "share still to learn", title: "modes, fastest first", yticks: 0, left: 62, xticks: 3 })
      .attr("class", "bars");
    rows.range([Moving.MARGIN.top, second.height - Moving.MARGIN.bottom]);
    bars.selectAll("rect").data(over).join("rect").attr("x", 62).attr("height", 9).attr("y", (_, j) => rows(data.numbers[j]) - 4.5)
      .attr("width", value => share(value) - 62);
    bars.selectAll("text").data(data.numbers).join("text").attr("x", 56).attr("y", d => rows(d) + 4).text(d => `mode ${d}`);
  };
  const told = number => {
    const over = data.rates.map(rate => Math.exp(-rate * data.times[number]));
    return `t = ${d3.format(".2~r")(data.times[number])}, ${over.filter(value => value < 0.05).length} of ${over.length} modes learnt`;
  };
  const control = Moving.slider(place, { label: "Time", count: data.times.length, start: now, told,
    changed: value => { now = value; draw(); } });
  Moving.player(control, data.times.length, 9);
  const room = Moving.panels(place, 2, { height: 250, ratios: [1.5, 1], least: 200 });
  return draw;
};
