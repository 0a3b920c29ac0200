const { workspaces } = require('./package.json');

/** Every project in one run, on one test platform. */
module.exports = { projects: workspaces.map((folder) => `<rootDir>/${folder}`) };
