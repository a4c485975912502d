import { addWords } from '../app/i18n.ts'
import { en } from './locales/en.ts'
import { ja } from './locales/ja.ts'

/** Whoever speaks of recordings that are still here imports this: its words come with it. */
addWords('unsent', { en, ja })
