module.exports = { ...require('../../jest.preset.cjs'), displayName: 'authorization-client', rootDir: __dirname };
