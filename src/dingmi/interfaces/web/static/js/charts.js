// Draw each table marked data-chart with ECharts: the chart is read from the table and never says anything else. The table stays
// for readers of tables behind a button, a column opens what its cell opens, and without scripts the table alone is shown.
"use strict";
(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim() || "#1C4F8C";
  const DECALS = { jim: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: "rgba(255,255,255,.45)" } };
  DECALS.pale = DECALS.jim;
  const number = (cell) => Number((cell.textContent || "").replace(/[^\d.]/g, "")) || 0;

  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hasAttribute("data-skip"));
    return {
      names: rows.map((row) => row.cells[0].textContent.trim()),
      links: heads.map((_, i) => rows.map((row) => row.cells[i + 1].querySelector("a")?.href)),
      series: heads.map((head, i) => ({ head, word: head.textContent.trim(), data: rows.map((row) => number(row.cells[i + 1])) }))
        .map((one, i) => ({ ...one, place: i })).filter((one) => !one.head.hasAttribute("data-skip")),
    };
  };

  const legend = (series) => {
    const box = document.createElement("p");
    box.className = "leg";
    box.setAttribute("aria-hidden", "true");
    for (const one of series) {
      const key = document.createElement("i");
      key.className = `key ${one.head.dataset.colour || "ink"}${one.head.hasAttribute("data-line") ? " ln" : ""}`;
      const word = document.createElement("span");
      word.append(key, one.word);
      box.append(word);
    }
    return box;
  };

  const total = (series, at) => series.reduce((sum, one) => sum + one.data[at], 0);

  const options = (table, { names, series }) => {
    const across = table.dataset.chart === "rows";
    const axis = { type: "category", data: names, inverse: across, axisTick: { show: false }, axisLabel: { color: colour("muted"), hideOverlap: true } };
    const values = { type: "value", minInterval: 1, axisLabel: { color: colour("muted") }, splitLine: { lineStyle: { color: "#EEF0F3" } } };
    return {
      animation: false,
      aria: { enabled: true, decal: { show: true, decals: [{ symbol: "none" }] }, label: { description: table.caption?.textContent.trim() } },
      grid: { left: 8, right: across ? 40 : 8, top: 12, bottom: 4, containLabel: true },
      xAxis: across ? values : axis,
      yAxis: across ? axis : values,
      series: series.map((one, place) => {
        const line = one.head.hasAttribute("data-line");
        const shade = one.head.dataset.colour || "ink";
        return {
          name: one.word, type: line ? "line" : "bar", data: one.data, stack: table.hasAttribute("data-stack") && !line ? "all" : undefined,
          barMaxWidth: 18, symbolSize: 6, lineStyle: { width: 1.5 },
          itemStyle: { color: colour(shade), decal: DECALS[shade] || { symbol: "none" } },
          label: { show: across && place === series.length - 1, position: "right", color: colour("muted"), formatter: ({ dataIndex }) => total(series, dataIndex) },
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
    table.before(legend(found.series), box, twin);
    twin.className = "twin";
    twin.append(sum, table);
    const chart = window.echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(options(table, found));
    chart.on("click", (at) => {
      const road = found.links[found.series[at.seriesIndex].place][at.dataIndex];
      if (road) window.location.assign(road);
    });
    new ResizeObserver(() => chart.resize()).observe(box);
  };

  const all = (root) => root.querySelectorAll("table[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("htmx:afterSettle", (event) => all(event.target));
})();
