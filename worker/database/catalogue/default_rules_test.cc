#include "worker/database/catalogue/default_rules.h"

#include <gtest/gtest.h>

#include "worker/database/catalogue/type_widening.h"

namespace davit::database {
namespace {

TEST(DefaultRules, KnowWhatCanBeMadeForEachRow) {
  for (const char* const expression : {
           "",
           "3",
           "'-1'::integer",
           "(-1)",
           "(0)::numeric",
           "0.0",
           "true",
           "''::text",
           "'a''b'::character varying(20)",
           "'open'::public.state",
           "'{}'::jsonb",
           "'{}'::text[]",
           "ARRAY[]::text[]",
           "ARRAY['a'::character varying, 'b'::character varying]",
           "now()",
           "CURRENT_TIMESTAMP",
           "CURRENT_DATE",
           "(now())::date",
           "statement_timestamp()",
           "timezone('utc'::text, now())",
           "(now() + '7 days'::interval)",
           "(CURRENT_DATE + 30)",
           "gen_random_uuid()",
           "public.uuid_generate_v4()",
           "(gen_random_uuid())::text",
           "nextval('public.a_id_seq'::regclass)",
           "random()",
           "CURRENT_USER",
           "identity always",
           "identity by default",
           "NULL::character varying",
       }) {
    EXPECT_TRUE(NeverFailsAsDefault(expression)) << expression;
  }
}

TEST(DefaultRules, TakeNoOtherExpressionForHarmless) {
  for (const char* const expression : {
           "(1 / 0)",
           "(1 + 2147483647)",
           "NULLIF(1, 1)",
           "public.next_code()",
           "('abc'::text)::integer",
           "(current_setting('a.b'::text))::integer",
           "CASE WHEN f() THEN 1 ELSE 2 END",
       }) {
    EXPECT_FALSE(NeverFailsAsDefault(expression)) << expression;
  }
}

TEST(DefaultRules, KnowWhatIsGeneratedFromAnything) {
  EXPECT_TRUE(NeverFailsAsGenerated("generated as lower(name)"));
  EXPECT_TRUE(NeverFailsAsGenerated("generated as ((first || ' '::text) || last)"));
  EXPECT_TRUE(NeverFailsAsGenerated("generated as length(name)"));
  EXPECT_FALSE(NeverFailsAsGenerated("generated as (1 / (length(name) - 1))"));
  EXPECT_FALSE(NeverFailsAsGenerated("generated as ((name)::integer)"));
}

}  // namespace
}  // namespace davit::database
