import { defineConfig } from 'drizzle-kit'

/** `drizzle-kit generate --config server/drizzle.config.ts --name what-changed` writes the next migration. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './server/db/schema.ts',
  out: './server/db/migrations',
})
