// Curves of a record: a switch for each arm, training or test loss, the teacher's iterations counted or not.
Moving.kinds.arms = (data, place) => {
  let metric = "train_loss", counted = false;
  const on = new Set(data.arms.filter(arm => arm.on).map(arm => arm.name));
  const shift = arm => counted && arm.later ? data.offset : 0;
  const draw = () => {
    const [room] = rooms(), shown = data.arms.filter(arm => on.has(arm.name));
    const ends = shown.map(arm => shift(arm) + arm.iterations.at(-1));
    const x = d3.scaleLinear().domain([0, d3.max(ends) ?? data.offset]);
    const all = (shown.length ? shown : data.arms).flatMap(arm => [arm[metric][0], arm[metric][2]].flat());
    const y = d3.scaleLog().domain(d3.extent(all)).nice();
    const drawn = Moving.axes(room, { x, y, xlabel: counted ? "iterations, the teacher's included" : "iterations", title: metric === "train_loss" ? "training loss" : "test loss", yformat: "~g" });
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
    sample.style.borderTop = `3px ${arm.dash ? "dashed" : "solid"} ${arm.color}`;
  }
  const what = Moving.group(place, "Show");
  for (const [value, label] of [["train_loss", "training loss"], ["test_loss", "test loss"]]) {
    Moving.choice(what, { type: "radio", name: "moving-metric", label, checked: value === metric, changed: () => { metric = value; draw(); } });
  }
  Moving.choice(what, { type: "checkbox", label: "count the teacher's iterations", checked: counted, changed: yes => { counted = yes; draw(); } });
  const rooms = Moving.panels(place, 1, { height: 330, least: 0 });
  return draw;
};
