module.exports = { ...require('../../jest.preset.cjs'), displayName: 'authorization', rootDir: __dirname };
