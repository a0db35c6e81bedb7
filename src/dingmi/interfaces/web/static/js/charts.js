// Draw each table marked data-chart with ECharts: the chart is read from the table and never says anything else. Figures of the
// year before, which stand beside theirs in the cells, are drawn hollow or said at the end of a bar. The table stays for readers of tables behind a button, a column opens what its cell opens, and without scripts the table alone is shown.
"use strict";
(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim() || "#1C4F8C";
  const DECALS = { jim: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: "rgba(255,255,255,.45)" } };
  DECALS.pale = DECALS.jim;
  const number = (figure) => Number((figure?.textContent || "").replace(/[^\d.]/g, "")) || 0;

  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hasAttribute("data-skip"));
    const column = (i, which) => {
      const figures = rows.map((row) => row.cells[i + 1].querySelector(which));
      return { head: heads[i], word: heads[i].textContent.trim(), data: figures.map(number), links: figures.map((a) => a?.href) };
    };
    const shown = [...heads.keys()].filter((i) => !heads[i].hasAttribute("data-skip"));
    const then = table.dataset.then ? shown.map((i) => ({ ...column(i, ".was a"), then: table.dataset.then })) : [];
    const series = shown.map((i) => column(i, "a")), stacked = table.hasAttribute("data-stack"), across = table.dataset.chart === "rows";
    return {
      names: rows.map((row) => row.cells[0].textContent.trim()), then,
      series: stacked ? (across ? series.toReversed() : series).filter((one) => one.data.some(Boolean)) : then.length ? series.flatMap((one, i) => [one, then[i]]) : series,
    };
  };

  const legend = (table, series) => {
    const box = document.createElement("p");
    box.className = "leg float-end";
    box.setAttribute("aria-hidden", "true");
    const add = (css, said) => {
      const key = document.createElement("i"), word = document.createElement("span");
      key.className = `key ${css}`;
      word.append(key, said);
      box.append(word);
    };
    const now = series.filter((one) => !one.then);
    if (table.hasAttribute("data-stack") && table.dataset.chart !== "rows") now.reverse();
    for (const one of now) add(`${one.head.dataset.colour || "ink"}${one.head.hasAttribute("data-line") ? " ln" : ""}`, one.word);
    if (now.length < series.length) add("bg-transparent border border-dark", table.dataset.then);
    return box;
  };

  const total = (series, at) => series.reduce((sum, one) => sum + one.data[at], 0);

  const options = (table, { names, series, then }) => {
    const ends = (at) => `${total(series, at)}${then.length ? ` (${table.dataset.then} ${total(then, at)})` : ""}`;
    const across = table.dataset.chart === "rows";
    const axis = { type: "category", data: names, inverse: across, axisTick: { show: false }, axisLabel: { color: colour("muted"), hideOverlap: true } };
    const values = { type: "value", minInterval: 1, axisLabel: { color: colour("muted") }, splitLine: { lineStyle: { color: "#EEF0F3" } } };
    return {
      animation: false,
      aria: { enabled: true, decal: { show: true, decals: [{ symbol: "none" }] }, label: { description: table.caption?.textContent.trim() } },
      grid: { left: 8, right: across ? (then.length ? 110 : 40) : 8, top: 12, bottom: 4, containLabel: true },
      xAxis: across ? { ...values, axisLabel: { show: false }, splitLine: { show: false } } : axis,
      yAxis: across ? axis : values,
      series: series.map((one, place) => {
        const line = one.head.hasAttribute("data-line");
        const shade = one.head.dataset.colour || "ink";
        return {
          name: `${one.then || ""}${one.word}`, type: line ? "line" : "bar", data: one.data, stack: table.hasAttribute("data-stack") && !line ? "all" : undefined,
          barMaxWidth: 18, symbolSize: one.then ? 4 : 6, lineStyle: { width: 1.5, type: one.then ? "dashed" : "solid", color: colour(shade) },
          itemStyle: one.then && !line ? { color: "transparent", borderColor: colour(shade), borderWidth: 1, decal: { symbol: "none" } }
            : { color: colour(shade), decal: DECALS[shade] || { symbol: "none" } },
          label: { show: across && place === series.length - 1, position: "right", color: colour("muted"), formatter: ({ dataIndex }) => ends(dataIndex) },
        };
      }),
    };
  };

  const draw = (table) => {
    if (!window.echarts || table.dataset.drawn) return;
    table.dataset.drawn = "yes";
    const found = read(table), box = document.createElement("div"), twin = document.createElement("details");
    const sum = document.createElement("summary");
    box.className = "chart";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", `${table.caption?.textContent.trim()}`);
    sum.textContent = document.documentElement.lang === "en" ? "As a table" : "看表格";
    table.before(legend(table, found.series), twin, box);
    twin.className = "twin";
    sum.className = "xs";
    sum.style.width = "fit-content";
    twin.append(sum, table);
    const chart = window.echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(options(table, found));
    chart.on("click", (at) => {
      const road = found.series[at.seriesIndex].links[at.dataIndex];
      if (road) window.location.assign(road);
    });
    new ResizeObserver(() => chart.resize()).observe(box);
  };

  const all = (root) => root.querySelectorAll("table[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("htmx:afterSettle", (event) => all(event.target));
})();
