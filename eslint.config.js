import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['data/', 'node_modules/', 'migrations/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Types are spelt "type" throughout; numbers in templates are what messages are made of.
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Fastify's hooks and handlers are async by contract, whether they await or not.
      '@typescript-eslint/require-await': 'off',
      // A string's code points, which spreading gives, are the unit of every offset here.
      '@typescript-eslint/no-misused-spread': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['log', 'error'] }],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.recommended] },
)
