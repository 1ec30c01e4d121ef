// Curves of a record: a switch for each arm, training or test loss, the teacher's iterations counted or not.
// The axis of the losses ends a little beyond the curves; whole decades would leave most of it empty.
Moving.kinds.arms = (data, place) => {
  let metric = "train_loss", counted = false;
  const marks = ([bottom, top]) => {  // as in the still pictures: the fewer decades, the more marks in each
    const decades = Math.log10(top / bottom), found = [];
    const steps = decades < 0.4 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 1.2 ? [1, 2, 3, 4, 6, 8] : decades < 3 ? [1, 2, 5] : [1];
    for (let power = Math.floor(Math.log10(bottom)); 10 ** power <= top; power++) found.push(...steps.map(step => step * 10 ** power));
    const inside = found.filter(value => bottom <= value && value <= top);
    return inside.length > 1 ? inside : d3.scaleLinear().domain([bottom, top]).ticks(4);
  };
  const on = new Set(data.arms.filter(arm => arm.on).map(arm => arm.name));
  const shift = arm => counted && arm.later ? data.offset : 0;
  const draw = () => {
    const [room] = rooms(), shown = data.arms.filter(arm => on.has(arm.name));
    const ends = shown.map(arm => shift(arm) + arm.iterations.at(-1));
    const x = d3.scaleLinear().domain([0, d3.max(ends) ?? data.offset]);
    const all = (shown.length ? shown : data.arms).flatMap(arm => [arm[metric][0], arm[metric][2]].flat());
    const [least, most] = d3.extent(all), margin = (most / least) ** 0.05;
    const y = d3.scaleLog().domain([least / margin, most * margin]);
    const drawn = Moving.axes(room, { x, y, xlabel: counted ? "iterations, the teacher’s included" : "iterations", title: metric === "train_loss" ? "training loss" : "test loss", yvalues: marks(y.domain()), yformat: "~g" });
    for (const arm of shown) {
      const [low, middle, high] = arm[metric], step = i => x(arm.iterations[i] + shift(arm));
      const line = drawn.append("g").attr("class", "arm").attr("data-arm", arm.name).style("color", arm.color);
      line.append("path").attr("class", "band").attr("d", d3.area((_, i) => step(i), (_, i) => y(low[i]), (_, i) => y(high[i]))(middle));
      line.append("path").attr("class", "line").attr("stroke-dasharray", arm.dash || null).attr("d", d3.line((_, i) => step(i), y)(middle));
    }
  };
  const controls = Moving.group(place, "Arms");
  for (const arm of data.arms) {
    const { holder } = Moving.choice(controls, { type: "checkbox", label: arm.label, checked: arm.on,
      changed: yes => { yes ? on.add(arm.name) : on.delete(arm.name); draw(); } });
    const sample = Moving.add(holder, "span", { class: "swatch", "aria-hidden": "true" });
    sample.style.borderTop = `3px ${!arm.dash ? "solid" : parseFloat(arm.dash) > 3 ? "dashed" : "dotted"} ${arm.color}`;
  }
  const what = Moving.group(place, "Show");
  for (const [value, label] of [["train_loss", "training loss"], ["test_loss", "test loss"]]) {
    Moving.choice(what, { type: "radio", name: "moving-metric", label, checked: value === metric, changed: () => { metric = value; draw(); } });
  }
  Moving.choice(what, { type: "checkbox", label: "count the teacher’s iterations", checked: counted, changed: yes => { counted = yes; draw(); } });
  const rooms = Moving.panels(place, 1, { height: 330, least: 0 });
  return draw;
};
