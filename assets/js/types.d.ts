/** What the server sends and what the parts of the page hand to each other; the one place where their shapes are told. */

/** Longitude and latitude. */
export type LonLat = [number, number];

/** Value of a cell of the table; none where it is not known. */
export type Cell = number | string | boolean | null;

/** A question, or all choices of a view, as the server and the address have them. */
export type Choices = Record<string, string>;

/** What the controls hold, by name. */
export interface Chosen {
    service: string;
    demand: string;
    year: string;
    mode: string;
    minutes: number | string | null;
    level: string;
    vintage: string;
    facilities: string;
    areas: string | null;
    indicator: string;
    zone: string | null;
    show: string[] | null;
    only: boolean;
    model: string;
    against: string | null;
    min_share: number | string | null;
    classes: string | null;
    borders: string | null;
    plan: string;
}

/** Element as Dash takes it. */
export interface DashElement {
    namespace: string;
    type: string;
    props: Record<string, unknown>;
}

/** Legend of an indicator (`layers/views/view.py`). */
export interface Legend {
    title: string;
    unit?: string;
    help?: string;
    short?: string;
    colours: string[];
    labels: string[];
    breaks?: number[];
    zones?: number[];
    noDataLabel?: string;
    noDataZones?: number;
}

/** Columns of the ranked zones; `i` is the place of a zone among all of its level, -1 for the remainder. */
export interface Rows {
    i: number[];
    gap: (boolean | null)[];
    gap_reasons: string[];
    [column: string]: Cell[];
}

/** Place of a plan (`layers/views/plan_view.py`). */
export interface PlanPlace {
    id: string;
    name: string;
    p: LonLat;
    was?: LonLat;
    status: "same" | "new" | "moved" | "closed";
    planned?: boolean;
    births: number;
    before: number | null;
    hours: number | null;
    capacity: number | null;
    here: boolean;
}

/** Bridge of a plan, in words and with both its ends (`layers/views/plan_view.py`). */
export interface PlanBridge {
    name: string;
    p: LonLat;
    to: LonLat;
}

/** What a view holds of a plan. */
export interface PlanInView {
    id: string;
    places: PlanPlace[];
    bridges: PlanBridge[];
    against: string;
    /** Address of the ground from which a place is within reach, but for the id of the place. */
    ground: string;
}

/** The answer to a question (`pages/explore/view_callbacks.py`). */
export interface View {
    key: Choices;
    rows: Rows;
    classes: Record<string, string>;
    legends: Record<string, Legend | null>;
    /** Columns that go with an asked indicator, by that indicator and by name. */
    beside?: Record<string, Record<string, Cell[]>>;
    /** Positions in `rows`. */
    top: number[];
    rest: string;
    zones: Detailed;
    places: string;
    /** Address of the barriers, before and behind its suffix; none where they cannot be told. */
    barriers: { path: string; question: string } | null;
    raster: { url: string; bounds: [[number, number], [number, number]]; known: boolean; legend: Legend };
    level: string;
    levels: string;
    service: string;
    /** Whom the births of the rows are, in words. */
    who: string;
    facilities: string;
    madeUp: boolean;
    areas: string;
    evidence: string;
    plan?: PlanInView;
    /** Position in `rows` by the place of a zone, once somebody asked. */
    rowOfZone?: Map<number, number>;
}

/** View of a plan. */
export type PlanView = View & { plan: PlanInView };

/** Addresses of the same thing in little and in full detail. */
export interface Detailed {
    far: string;
    near: string;
}

/** Answer about an indicator that was asked for (`pages/explore/measure_callbacks.py`). */
export interface Measured {
    key: Choices & { indicator: string };
    zones: string;
    legend: Legend | null;
    values?: Cell[];
    classes?: string;
    beside?: Record<string, Cell[]>;
}

/** A plan as the panel has it (`pages/plan/callbacks.py`). */
export interface Plan {
    id: string;
    key: string;
    onward: string;
    head: string;
    name: string;
    note: string;
    kept: boolean;
    edits: string[];
    steps: boolean;
    mode: string;
    within: number;
    demand: string;
    year: string;
}

/** Change of a plan that is asked of the server; what else it holds depends on what is to be done. */
export interface Change {
    do: string;
    at?: number;
    [more: string]: unknown;
}

/** Zone of a level, with its border in degrees. */
export interface Zone {
    properties: { i: number; id: string; name: string; place?: string; p: LonLat };
    geometry: Border;
}

/** Polygon or polygons in degrees, as GeoJSON has them. */
export type Border = { type: "Polygon"; coordinates: LonLat[][] } | { type: "MultiPolygon"; coordinates: LonLat[][][] };

/** Zones of a level. */
export interface Zones {
    features: Zone[];
}

/** Place of a set of places (`layers/maps/places.py`). */
export interface Place {
    p: LonLat;
    kind: string;
    name: string;
    n: number;
    status?: string;
    physical?: boolean;
}

/** Facts that public pages tell about places of a zone. */
export interface Fact {
    p: LonLat;
    id: string;
    name: string;
    n: number;
    /** Year of a place that is drawn where it stands. */
    as_of?: string;
}

/** Name on the map, from and until a zoom. */
export interface Label {
    name: string;
    p: LonLat;
    z: number;
    until?: number;
}

/** What the page tells the scripts beforehand (`pages/explore/explorer_page.py`). */
export interface Config {
    lang: string;
    title: string;
    defaults: Choices;
    state: Choices;
    /** Usual minutes and children, by service. */
    minutes: Record<string, number>;
    demand: Record<string, string>;
    /** Metres a minute by way of travelling. */
    pace: Record<string, number>;
    newest: string;
    base: string;
    inner: string[];
    levels: Record<string, string>;
    asked: string[];
    beside: string[];
    groups: { label: string; names: string[] }[];
    scales: Record<string, string>;
    lowFirst: string[];
    labels: string;
    facts: string;
    around: string;
    towns: string;
    ground: Detailed & { zoom: number; square: string };
    credit: string;
    columns: ColumnOfTable[];
    /** Divisions whose borders can lie over the zones, by level. */
    /** Address of the library that draws charts. */
    chartLibrary: string;
    partitions: Record<string, { label: string; plural: string; address: string }>;
    words: Record<string, string>;
    /** Of the page of a plan only. */
    ofMap?: Choices;
    ofPlan?: string[];
    changes?: string[];
}

/** Column of the table (`pages/explore/zone_grid.py`). */
export interface ColumnOfTable {
    id: string;
    title: string;
    help?: string;
    /** How a value is written. */
    kind: string;
    /** Whether it holds words. */
    text?: boolean;
    width: number;
    grow?: number;
    shown?: boolean;
    low?: boolean;
    optional?: boolean;
    sortable?: boolean;
}

/** Row of the table. */
export interface TableRow {
    id: string;
    i: number;
    r: number;
    name: string;
    place: string;
    why: string;
    evidence: string;
    gap?: Cell;
    [column: string]: Cell | undefined;
}

/** Place of a proposal, numbered. */
export interface Proposed {
    lat: number;
    lon: number;
    n: number;
    name: string;
}

/** What the server tells of a chart (`layers/charts/chart_values.py`); none where there is nothing to draw. */
export type ChartValues = Record<string, any>;

/** Bands of minutes around a place (`layers/views/bands_view.py`), with the question that they answer. */
export interface Banded {
    key: Choices;
    place: string;
    name: string;
    bands: { minutes: number; births: number; ring: Border }[];
}

/** Answer about a chart, with the question that it answers (`pages/explore/chart_callbacks.py`). */
export interface Charted {
    key: Choices;
    chart: string;
    zone: string;
    values: ChartValues | null;
}
