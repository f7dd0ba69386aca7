// Draws the zones of a standalone nabij map. Everything it needs is in `data`; nothing is fetched.
function nabijDraw(map, data) {
  "use strict";
  const state = { legend: data.legends[0], raster: false, hovered: null };
  const canvas = L.canvas({ padding: 0.4 });
  const texts = data.texts;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  // zones

  function style(feature) {
    const kind = state.legend.classes[feature.properties.i];
    return {
      renderer: canvas,
      weight: data.many ? 0.3 : 0.8,
      color: "#ffffff",
      fillColor: kind < 0 ? state.legend.noData : state.legend.colours[kind],
      fillOpacity: state.raster ? 0 : map.hasLayer(data.basemap) ? 0.72 : 1,
      opacity: 1,
      ...(state.raster || data.around ? { color: "#7c8a94" } : {}),
    };
  }

  function tip(feature) {
    const { i, name, place } = feature.properties;
    const row = data.rows[i];
    const cells = row.values.map((value, k) =>
      element("tr", {}, element("td", {}, data.headings[k]), element("td", {}, value)));
    const reasons = row.reasons.map((r) => element("li", {}, data.reasons[r]));
    const flags = row.flags.map((f) => element("p", {}, data.flags[f]));
    return element("div", {},
      element("b", {}, name), place ? element("span", { class: "where" }, place) : null,
      element("table", {}, ...cells),
      element("p", row.gap === true ? { class: "gap" } : {}, texts[String(row.gap)]),
      reasons.length ? element("ul", {}, ...reasons) : null, ...flags);
  }

  const layers = [];
  function hover(layer, on) {
    if (on) layer.setStyle({ weight: 2.5, color: "#22303a" }).bringToFront();
    else zones.resetStyle(layer);
  }
  const zones = L.geoJSON(data.zones, {
    style,
    onEachFeature(feature, layer) {
      layers[feature.properties.i] = layer;
      layer.bindTooltip(() => tip(feature), { sticky: true, className: "tip", opacity: 1 });
      layer.on({ mouseover: () => hover(layer, true), mouseout: () => hover(layer, false) });
    },
  });
  const around = data.around && L.geoJSON(data.around, {
    interactive: false,
    style: { renderer: canvas, weight: 0.8, color: "#ffffff", fillColor: "#dde3e7", fillOpacity: 0.6 },
  });

  // places

  const placeRadius = () => Math.min(7, Math.max(1.8, map.getZoom() - 6));
  const { colour, outline } = data.symbol;
  const Mark = L.CircleMarker.extend({
    /** Draw the outline of the service, a circle where it has none. */
    _updatePath() {
      if (!outline.length) { this._renderer._updateCircle(this); return; }
      const canvas = this._renderer, { x, y } = this._point, half = 1.15 * this._radius;
      if (!canvas._drawing || this._empty()) return;
      canvas._ctx.beginPath();
      for (const [right, down] of outline) canvas._ctx.lineTo(x + (2 * right - 1) * half, y + (2 * down - 1) * half);
      canvas._ctx.closePath();
      canvas._fillStroke(canvas._ctx, this);
    },
  });
  const places = L.layerGroup(data.places.map(([lat, lon, name, about, open]) => new Mark([lat, lon], {
    radius: placeRadius(),
    weight: open ? 1.4 : 2,
    color: open ? "#ffffff" : colour,
    fillColor: open ? colour : "#ffffff",
    fillOpacity: 1,
    pane: "nabijPlaces",
  }).bindTooltip(() => element("div", {}, element("b", {}, name), ...about.map((line) => element("p", {}, line))),
    { className: "tip place", opacity: 1 })));

  // names, each from the zoom at which it has room

  const names = L.layerGroup();
  function drawNames() {
    const zoom = Math.floor(map.getZoom());
    names.clearLayers();
    for (const { name, p, z, until } of data.labels) {
      if (z > zoom || (until && until < zoom)) continue;
      const icon = L.divIcon({ className: "name", html: element("span", {}, name), iconSize: null });
      names.addLayer(L.marker([p[1], p[0]], { icon, interactive: false, keyboard: false, pane: "nabijNames" }));
    }
  }

  // legend

  function line(mark, label, count) {
    return element("li", {}, mark, element("span", {}, label),
      count === undefined ? null : element("span", { class: "count" }, count));
  }
  function swatch(colour) {
    const mark = element("span", { class: "swatch" });
    mark.style.background = colour;
    return mark;
  }
  function drawLegend() {
    const shown = state.raster ? data.raster.legend : state.legend;
    const list = shown.colours.map((colour, k) => line(swatch(colour), shown.labels[k], shown.counts?.[k]));
    if (shown.without) list.push(line(swatch(shown.noData), texts.noData, shown.without));
    document.getElementById("nabij-unit").textContent = shown.unit;
    document.getElementById("nabij-classes").replaceChildren(...list);
  }
  function redraw() {
    zones.setStyle(style);
    drawLegend();
  }

  // ranking

  function drawRanking() {
    const list = document.getElementById("nabij-ranking");
    if (!list) return;
    list.replaceChildren(...data.ranking.map(([i, share]) => {
      const bar = element("span", {});
      bar.style.width = `${100 * share}%`;
      const button = element("button", { type: "button" },
        element("span", {}, data.rows[i].name, " ", element("small", {}, data.zones.features[i].properties.place)),
        element("span", { class: "value" }, data.rows[i].need),
        element("span", { class: "bar" }, bar));
      const layer = () => layers[i];
      button.addEventListener("click", () => {
        map.fitBounds(layer().getBounds(), { maxZoom: 12, padding: [60, 60] });
        layer().openTooltip(layer().getBounds().getCenter());
      });
      for (const [event, on] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) {
        button.addEventListener(event, () => hover(layer(), on));
      }
      return element("li", {}, button);
    }));
  }

  // together

  map.createPane("nabijRaster").style.zIndex = 390;
  map.createPane("nabijPlaces").style.zIndex = 450;
  map.createPane("nabijNames").style.zIndex = 460;
  map.getPane("nabijNames").style.pointerEvents = "none";
  map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a> · nabij');
  const picture = data.raster && L.imageOverlay(data.raster.url, data.raster.bounds,
    { pane: "nabijRaster", className: "nabij-raster", alt: texts.raster });
  if (around) around.addTo(map);
  zones.addTo(map);
  places.addTo(map);
  names.addTo(map);
  const overlays = { [texts.places]: places, [texts.names]: names };
  if (picture) overlays[texts.raster] = picture;
  overlays[texts.basemap] = data.basemap;
  L.control.layers(null, overlays, { position: "topright" }).addTo(map);
  const choice = document.getElementById("nabij-choice");
  choice.addEventListener("change", () => {
    state.legend = data.legends[choice.selectedIndex];
    redraw();
  });
  map.on("overlayadd overlayremove", () => {
    state.raster = Boolean(picture) && map.hasLayer(picture);
    choice.disabled = state.raster;
    redraw();
  });
  drawLegend();
  drawRanking();
  map.on("zoomend", () => {
    drawNames();
    places.eachLayer((place) => place.setRadius(placeRadius()));
  });
  map.fitBounds(zones.getBounds(), { padding: [16, 16] });
  drawNames();
}
