import { boolean, index, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** The tables of better-auth (https://better-auth.com/docs/concepts/database), under names of their own. */

const madeAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow()
const changedAt = () => timestamp('updated_at', { withTimezone: true }).notNull().defaultNow()

export const people = pgTable('people', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  createdAt: madeAt(),
  updatedAt: changedAt(),
})

export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    token: text('token').notNull().unique(),
    userId: text('user_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    createdAt: madeAt(),
    updatedAt: changedAt(),
  },
  (table) => [index('sessions_user_id').on(table.userId)],
)

/** A way to sign in: for now an e-mail address and a password's hash. */
export const signIns = pgTable(
  'sign_ins',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: timestamp('access_token_expires_at', { withTimezone: true }),
    refreshTokenExpiresAt: timestamp('refresh_token_expires_at', { withTimezone: true }),
    scope: text('scope'),
    password: text('password'),
    createdAt: madeAt(),
    updatedAt: changedAt(),
  },
  (table) => [index('sign_ins_user_id').on(table.userId)],
)

export const verifications = pgTable(
  'verifications',
  {
    id: text('id').primaryKey(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    createdAt: madeAt(),
    updatedAt: changedAt(),
  },
  (table) => [index('verifications_identifier').on(table.identifier)],
)
