module.exports = { ...require('../../jest.preset.cjs'), displayName: 'local-platform', rootDir: __dirname };
