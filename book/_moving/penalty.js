// The penalty as a slider: poles sized by their share, the output in time, the error that stays.
Moving.kinds.penalty = (data, place) => {
  const short = d3.format(".2~r"), two = d3.format(".2f");
  const words = number => `λ = ${short(data.penalties[number])}, error that stays ${two(data.error[number])}`;
  let now = data.still;
  const draw = () => {
    const [first, second, third] = room();
    const poles = data.poles[now], shares = data.shares[now];
    const rate = d3.scaleLog().domain([1e-5, 200]), flat = d3.scaleLinear().domain([-1, 1]);
    Moving.axes(first, { x: rate, y: flat, xlabel: "pole (rate of decay)", title: "poles, by their share", left: 10, yticks: 0, xformat: Moving.power })
      .attr("class", "poles").selectAll("circle").data(poles).join("circle")
      .attr("cx", rate).attr("cy", flat(0)).attr("r", (_, j) => 2 + 42 * Math.sqrt(shares[j]) / 1.4);
    const time = d3.scaleLog().domain(d3.extent(data.times)), output = d3.scaleLinear().domain([-1.6, 1.6]);
    const line = d3.line((_, i) => time(data.times[i]), output);
    Moving.axes(second, { x: time, y: output, xlabel: "time", title: "output f(t) on four images", xformat: Moving.power })
      .attr("class", "outputs").selectAll("path").data(data.outputs[now]).join("path")
      .attr("class", (_, k) => data.labels[k] > 0 ? "plus" : "minus").attr("d", line);
    const lambda = d3.scaleLog().domain(d3.extent(data.penalties)), error = d3.scaleLinear().domain([0, 1]);
    const last = Moving.axes(third, { x: lambda, y: error, xlabel: "penalty λ", title: "error that stays", xformat: "~g" }).attr("class", "final");
    last.append("path").attr("d", d3.line((_, i) => lambda(data.penalties[i]), error)(data.error));
    last.append("circle").attr("r", 6).attr("cx", lambda(data.penalties[now])).attr("cy", error(data.error[now]));
  };
  Moving.slider(place, { label: "Penalty λ", count: data.penalties.length, start: now, told: words,
    changed: value => { now = value; draw(); } });
  const room = Moving.panels(place, 3, { height: 215, least: 150 });
  return draw;
};
