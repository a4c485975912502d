ALTER TABLE "rooms" ADD COLUMN "recordings_kept" text DEFAULT 'server' NOT NULL;--> statement-breakpoint
ALTER TABLE "tapes" ADD COLUMN "handed_over_at" timestamp with time zone;