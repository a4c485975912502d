CREATE TABLE "edit_lists" (
	"take_id" text PRIMARY KEY NOT NULL,
	"revision" integer NOT NULL,
	"edits" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "render_jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"number" integer GENERATED ALWAYS AS IDENTITY (sequence name "render_jobs_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"take_id" text NOT NULL,
	"request" jsonb NOT NULL,
	"edits" jsonb,
	"state" text DEFAULT 'waiting' NOT NULL,
	"step" text DEFAULT 'queued' NOT NULL,
	"progress" real DEFAULT 0 NOT NULL,
	"start_count" integer DEFAULT 0 NOT NULL,
	"death_count" integer DEFAULT 0 NOT NULL,
	"chunk_count" integer,
	"reason" text,
	"files" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"facts" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "studio_assets" (
	"id" text PRIMARY KEY NOT NULL,
	"take_id" text NOT NULL,
	"name" text NOT NULL,
	"length_ms" real NOT NULL,
	"size_bytes" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "edit_lists" ADD CONSTRAINT "edit_lists_take_id_takes_id_fk" FOREIGN KEY ("take_id") REFERENCES "public"."takes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "render_jobs" ADD CONSTRAINT "render_jobs_take_id_takes_id_fk" FOREIGN KEY ("take_id") REFERENCES "public"."takes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studio_assets" ADD CONSTRAINT "studio_assets_take_id_takes_id_fk" FOREIGN KEY ("take_id") REFERENCES "public"."takes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "render_jobs_take_id" ON "render_jobs" USING btree ("take_id","number");--> statement-breakpoint
CREATE INDEX "render_jobs_state" ON "render_jobs" USING btree ("state");--> statement-breakpoint
CREATE INDEX "studio_assets_take_id" ON "studio_assets" USING btree ("take_id");