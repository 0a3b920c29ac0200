#!/usr/bin/env node
/* The operator's command. It runs what was built: `npm run gatehouse -- ...` builds first, an image is built already. */
import { existsSync } from 'node:fs';

process.env.KAFKAJS_NO_PARTITIONER_WARNING ??= '1';
const built = new URL('../dist/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('gatehouse is not built yet: run `npm run build`, or `npm run gatehouse -- ...`, which builds first.');
  process.exit(1);
}
await import(built.href);
