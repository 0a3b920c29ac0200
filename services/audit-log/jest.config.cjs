module.exports = { ...require('../../jest.preset.cjs'), displayName: 'audit-log', rootDir: __dirname };
