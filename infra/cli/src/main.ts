import { gatehouse } from './gatehouse.ts';

process.exitCode = await gatehouse(process.argv.slice(2), {
  env: process.env,
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
});
