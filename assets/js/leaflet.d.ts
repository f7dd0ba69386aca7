/** What the scripts of the page use of Leaflet, which another script puts on it; no more than that. */
declare namespace L {
    type Where = LatLng | [number, number];
    type Pixels = [number, number];
    type Options = Record<string, unknown>;

    class LatLng {
        lat: number;
        lng: number;
    }

    class Point {
        x: number;
        y: number;
        equals(other: Point): boolean;
    }

    class LatLngBounds {
        extend(more: LatLngBounds | Where): this;
        isValid(): boolean;
        contains(what: Where | LatLngBounds): boolean;
        pad(share: number): LatLngBounds;
        getWest(): number;
        getSouth(): number;
        getEast(): number;
        getNorth(): number;
        getCenter(): LatLng;
        getSouthWest(): LatLng;
        getNorthEast(): LatLng;
    }

    interface Happening {
        latlng: LatLng;
        layer?: Layer;
        propagatedFrom?: Layer;
        sourceTarget?: Layer;
    }

    class Evented {
        on(names: string, listener: (event: Happening) => void): this;
        once(names: string, listener: (event: Happening) => void): this;
    }

    class Layer extends Evented {
        /** The zone that a polygon of ours is of. */
        feature?: import("./types").Zone;
        addTo(place: Map | LayerGroup): this;
        remove(): this;
        bindTooltip(words: string, options: Options): this;
        closeTooltip(): this;
    }

    class Renderer extends Layer {
        _map?: Map;
    }

    class Path extends Layer {
        options: { fillColor?: string };
        setStyle(style: Options): this;
        bringToFront(): this;
    }

    class Polyline extends Path {
        getBounds(): LatLngBounds;
        getLatLngs(): unknown[];
        setLatLngs(points: unknown[]): this;
    }

    class CircleMarker extends Path {
        setRadius(pixels: number): this;
    }

    class Marker extends Layer {
        _icon?: HTMLElement;
        getLatLng(): LatLng;
    }

    class Overlay extends Layer {
        setLatLng(point: Where): this;
        setContent(content: string | HTMLElement): this;
        openOn(map: Map): this;
        update(): void;
    }

    class LayerGroup<Kind extends Layer = Layer> extends Layer {
        addLayer(layer: Layer): this;
        clearLayers(): this;
        getLayers(): Kind[];
    }

    class FeatureGroup extends LayerGroup {
        getBounds(): LatLngBounds;
        setStyle(style: Options): this;
    }

    interface Credits {
        addAttribution(words: string): void;
        removeAttribution(words: string): void;
    }

    class Map extends Evented {
        /** Whether it has a place and a zoom. */
        _loaded?: boolean;
        attributionControl?: Credits;
        static addInitHook(hook: (this: Map) => void): void;
        createPane(name: string): HTMLElement;
        getPane(name: string): HTMLElement | undefined;
        getContainer(): HTMLElement;
        getZoom(): number;
        getCenter(): LatLng;
        getBounds(): LatLngBounds;
        getSize(): Point;
        whenReady(listener: () => void): this;
        hasLayer(layer: Layer): boolean;
        fitBounds(bounds: LatLngBounds, options?: Options): this;
        setView(centre: Where, zoom: number, options?: Options): this;
        panTo(point: Where, options?: Options): this;
        panBy(by: Pixels): this;
        stop(): this;
        zoomIn(by: number): this;
        zoomOut(by: number): this;
        invalidateSize(options: Options): this;
        closePopup(): this;
        latLngToLayerPoint(point: Where): Point;
        latLngToContainerPoint(point: Where): Point;
    }

    function latLng(lat: number, lng: number): LatLng;
    function latLngBounds(points: Where[]): LatLngBounds;
    function geoJSON(data: unknown, options: Options): FeatureGroup;
    function layerGroup<Kind extends Layer = Layer>(layers?: Kind[]): LayerGroup<Kind>;
    function featureGroup(layers: Layer[]): FeatureGroup;
    function marker(point: Where, options: Options): Marker;
    function circleMarker(point: Where, options: Options): CircleMarker;
    function polyline(points: unknown[], options: Options): Polyline;
    function polygon(points: unknown[], options: Options): Polyline;
    function divIcon(options: Options): object;
    function tooltip(options: Options): Overlay;
    function popup(options: Options): Overlay;
    function svg(options: Options): Renderer;
    function canvas(options: Options): Renderer;
    function imageOverlay(address: string, bounds: [Pixels, Pixels], options: Options): Layer;
    function tileLayer(address: string, options: Options): Layer;
}
