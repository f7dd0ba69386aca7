/** What other scripts put on the page: Leaflet, Dash, AG Grid; and what this one puts there for those who look in. */
declare const L: any;

interface Window {
    dash_clientside: any;
    dash_ag_grid: any;
    dashAgGridFunctions: any;
    nabij: any;
}
