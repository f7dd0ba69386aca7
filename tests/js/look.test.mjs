import assert from "node:assert/strict";
import { test } from "node:test";

import * as look from "../../assets/js/look.mjs";

test("a camera is written short and read again", () => {
    const text = look.cameraOf({ lat: 51.05432198, lng: 3.71 }, 10.4999);
    assert.equal(text, "51.0543,3.71,10.5");
    assert.deepEqual(look.placeOf(text), { centre: [51.0543, 3.71], zoom: 10.5 });
    for (const nowhere of ["", "51", "a,b,c", "91,0,8", "51,4"]) assert.equal(look.placeOf(nowhere), null);
});

test("those who show a look follow an address, and the address follows those who change it", () => {
    const told = [];
    let written = 0;
    look.follow((names) => told.push(names));
    look.onWrite(() => written++);
    look.take({ sort: "births:desc", camera: "51,4,9" });
    look.take({ sort: "births:desc", camera: "51,4,9" });
    assert.deepEqual(told, [["camera", "sort"]]);
    assert.equal(written, 0);
    look.change("sort", "");
    look.change("sort", "");
    assert.equal(written, 1);
    assert.equal(look.values().sort, "");
    look.take({});
    assert.deepEqual(told[1], ["camera"]);
});
