module.exports = { ...require('../jest.preset.cjs'), displayName: 'acceptance', rootDir: __dirname };
