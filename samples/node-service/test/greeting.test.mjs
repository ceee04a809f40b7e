import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "../src/greeting.mjs";

test("greets by name", () => assert.equal(greeting("Ada"), "Hello, Ada."));
test("greets nobody in particular", () => assert.equal(greeting("  "), "Hello, world."));
