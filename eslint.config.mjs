import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const boundaries = [
  { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: ['type:contracts'] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib', 'type:contracts'] },
  { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:lib', 'type:contracts'] },
  { sourceTag: 'type:infra', onlyDependOnLibsWithTags: ['type:infra', 'type:lib', 'type:contracts'] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:testing', 'type:infra', 'type:lib', 'type:contracts'] },
  { sourceTag: 'type:acceptance', onlyDependOnLibsWithTags: ['*'] },
];

/** Files that read configuration: the only ones that may touch process.env. */
const readsEnvironment = [
  '**/config.ts',
  'libs/config/**',
  'libs/testing/**',
  'infra/**',
  'test/**',
  '**/*.spec.ts',
  '**/*.spec-support.ts',
];

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/*.cjs', '**/*.mjs', 'reports', '.nx', '.gatehouse'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read configuration in config.ts.' },
      ],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: [], banTransitiveDependencies: false, depConstraints: boundaries },
      ],
    },
  },
  { files: readsEnvironment, rules: { 'no-restricted-properties': 'off' } },
  {
    // Only specs may reach for the test harness.
    files: ['**/*.spec.ts', '**/*.spec-support.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          banTransitiveDependencies: false,
          depConstraints: boundaries.map((b) => ({
            ...b,
            onlyDependOnLibsWithTags: [...b.onlyDependOnLibsWithTags, 'type:testing', 'type:infra'],
          })),
        },
      ],
    },
  },
  {
    // kafkajs hands its batch functions over in a payload, to be taken out of it; they do not use `this`.
    files: ['libs/messaging/src/{consume,follow}/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // A slice never imports another slice: only the domain, the store, what its protocol's endpoints share, and the files
    // beside app.module.ts.
    files: ['services/*/src/*/**/*.ts'],
    ignores: ['services/*/src/{domain,store,protocol}/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+(?!\\.\\./|(domain|store|protocol)/|[a-z.-]+\\.ts$)',
              message: 'A slice imports domain, store and protocol, never another slice.',
            },
          ],
        },
      ],
    },
  },
  {
    // A domain is pure: it may import its own files, contracts and problem, nothing else.
    files: ['services/*/src/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\./|@gatehouse/(contracts|problem)$|node:crypto$)',
              message: 'A domain imports only domain, contracts and problem.',
            },
          ],
        },
      ],
    },
  },
);
