CREATE TABLE "tape_chunks" (
	"tape_id" text NOT NULL,
	"index" integer NOT NULL,
	"first_sample" bigint NOT NULL,
	"sample_count" integer NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" integer NOT NULL,
	"header" jsonb NOT NULL,
	"stored_at" timestamp with time zone NOT NULL,
	"handed_over_at" timestamp with time zone,
	CONSTRAINT "tape_chunks_tape_id_index_pk" PRIMARY KEY("tape_id","index")
);
--> statement-breakpoint
CREATE TABLE "tapes" (
	"id" text PRIMARY KEY NOT NULL,
	"room_id" text NOT NULL,
	"take_id" text NOT NULL,
	"participant_id" text NOT NULL,
	"owner" text NOT NULL,
	"name" text NOT NULL,
	"source" text NOT NULL,
	"channels" integer NOT NULL,
	"device_label" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"end" text,
	"declared_chunks" integer,
	"declared_samples" bigint,
	"chunk_count" integer DEFAULT 0 NOT NULL,
	"size_bytes" bigint DEFAULT 0 NOT NULL,
	"progress" jsonb NOT NULL,
	"news_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tape_chunks" ADD CONSTRAINT "tape_chunks_tape_id_tapes_id_fk" FOREIGN KEY ("tape_id") REFERENCES "public"."tapes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tapes" ADD CONSTRAINT "tapes_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tapes_take_id" ON "tapes" USING btree ("take_id");--> statement-breakpoint
CREATE INDEX "tapes_owner" ON "tapes" USING btree ("owner");