import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "../backend/docs/openapi.json",
  output: { path: "generated", module: { extension: ".ts" } },
  plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch", { name: "zod", dates: { offset: false } }],
});
