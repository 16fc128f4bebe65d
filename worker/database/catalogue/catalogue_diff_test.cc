#include "worker/database/catalogue/catalogue_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/database/catalogue/rollback_meaning.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

CatalogueObject Table(const std::string& schema, const std::string& name, uint64_t id = 0) {
  CatalogueObject table;
  table.schema = schema;
  table.name = name;
  table.id = id;
  return table;
}

CatalogueObject Part(ObjectKind kind, const std::string& name, const std::string& definition) {
  CatalogueObject part = Table("public", name);
  part.kind = kind;
  part.table = "customer";
  part.definition = definition;
  return part;
}

CatalogueObject Column(const std::string& name, const std::string& type, bool strict = false,
                       const std::string& fallback = "") {
  CatalogueObject column = Part(ObjectKind::kColumn, name, type);
  column.strict = strict;
  column.default_value = fallback;
  return column;
}

Catalogue Of(std::vector<CatalogueObject> objects) {
  Catalogue catalogue{std::move(objects), {}};
  SortCatalogue(catalogue);
  return catalogue;
}

Catalogue CustomerWith(const std::vector<CatalogueObject>& parts) {
  std::vector<CatalogueObject> objects = parts;
  objects.push_back(Table("public", "customer", 7));
  return Of(objects);
}

absl::string_view MeaningOf(const std::vector<CatalogueObject>& before,
                            const std::vector<CatalogueObject>& after) {
  return MeaningWord(
      JudgeChanges(DiffCatalogues(CustomerWith(before), CustomerWith(after))).meaning);
}

TEST(CatalogueText, IsReadBackAsItWasWritten) {
  CatalogueObject odd = Column("a,\tb\\t", "text\nline", true, "'x'");
  odd.columns = {"one,", "two"};
  odd.id = 99;
  Catalogue catalogue = CustomerWith({odd});
  catalogue.gaps = {"a gap"};
  const auto read = ParseCatalogue(CatalogueText(catalogue));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(CatalogueText(*read), CatalogueText(catalogue));
  EXPECT_EQ(read->objects.back().name, odd.name);
  EXPECT_EQ(read->objects.back().columns, odd.columns);
}

TEST(CatalogueText, IsRefusedWhenCutOff) {
  const std::string text = CatalogueText(CustomerWith({}));
  EXPECT_FALSE(ParseCatalogue(text.substr(0, text.size() - 1)).ok());
  EXPECT_FALSE(ParseCatalogue("something else\n").ok());
}

TEST(CatalogueHash, TellsWhatWasReplacedByItsLikeOnlyWithIds) {
  const Catalogue one = Of({Table("public", "customer", 1)});
  const Catalogue two = Of({Table("public", "customer", 2)});
  EXPECT_NE(CatalogueHash(one), CatalogueHash(two));
  EXPECT_EQ(CatalogueHash(one, ObjectIds::kWithout), CatalogueHash(two, ObjectIds::kWithout));
}

TEST(CatalogueDiff, IsEmptyForEqualCatalogues) {
  const Catalogue same = CustomerWith({Column("vat", "text")});
  EXPECT_THAT(DiffCatalogues(same, same), SizeIs(0));
}

TEST(CatalogueDiff, FoldsWhatANewTableBringsAlong) {
  const auto changes = DiffCatalogues(Of({}), CustomerWith({Column("vat", "text", true)}));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(ChangeSentence(changes[0]), "Table customer was added");
}

TEST(CatalogueDiff, TellsARenamedTableFromADroppedOne) {
  const auto changes =
      DiffCatalogues(Of({Table("public", "customer", 7)}), Of({Table("public", "client", 7)}));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(ChangeSentence(changes[0]), "Table customer was renamed to client");
}

TEST(CatalogueDiff, SeesThatATableWasDroppedAndCreatedAgain) {
  const auto changes =
      DiffCatalogues(Of({Table("public", "customer", 7)}), Of({Table("public", "customer", 8)}));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, ChangeKind::kReplaced);
}

TEST(CatalogueDiff, GroupsWhatAllTenantsHaveInCommon) {
  Catalogue after = Of({Table("t1", "a"), Table("t2", "a"), Table("t3", "a"), Table("t4", "a")});
  const auto groups = GroupBySchema(DiffCatalogues(Of({}), after));
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].Sentence(), "Table a was added, in 4 schemas (t1, t2, t3…)");
}

TEST(RollbackMeaning, IsSafeWhenNothingIsDifferent) { EXPECT_EQ(MeaningOf({}, {}), "safe"); }

TEST(RollbackMeaning, OfANewColumnHangsOnWhetherOldInsertsCanLeaveItOut) {
  EXPECT_EQ(MeaningOf({}, {Column("vat", "text")}), "safe");
  EXPECT_EQ(MeaningOf({}, {Column("vat", "text", true, "''")}), "safe");
  EXPECT_EQ(MeaningOf({}, {Column("vat", "text", true)}), "unsafe");
}

TEST(RollbackMeaning, OfAnotherTypeIsSafeForAWiderVarcharOnly) {
  const auto from_to = [](const std::string& before, const std::string& after) {
    return MeaningOf({Column("vat", before)}, {Column("vat", after)});
  };
  EXPECT_EQ(from_to("character varying(20)", "character varying(40)"), "safe");
  EXPECT_EQ(from_to("character varying(20)", "text"), "safe");
  EXPECT_EQ(from_to("numeric(8,2)", "numeric(10,2)"), "safe");
  EXPECT_EQ(from_to("character varying(20)", "character varying(10)"), "unsafe");
  EXPECT_EQ(from_to("integer", "bigint"), "unknown");
  EXPECT_EQ(from_to("text", "integer"), "unsafe");
}

TEST(RollbackMeaning, OfWhatIsGoneIsUnsafe) {
  EXPECT_EQ(MeaningOf({Column("vat", "text")}, {}), "unsafe");
  EXPECT_EQ(MeaningOf({Column("vat", "text", true)}, {Column("vat", "text")}), "safe");
  EXPECT_EQ(MeaningOf({Column("vat", "text")}, {Column("vat", "text", true)}), "unsafe");
}

TEST(RollbackMeaning, OfIndexesHangsOnWhatTheyRefuse) {
  CatalogueObject index = Part(ObjectKind::kIndex, "i", "USING btree (vat)");
  index.columns = {"vat"};
  CatalogueObject unique = index;
  unique.strict = true;
  EXPECT_EQ(MeaningOf({}, {index}), "safe");
  EXPECT_EQ(MeaningOf({index}, {}), "safe");
  EXPECT_EQ(MeaningOf({}, {unique}), "unsafe");
  EXPECT_EQ(MeaningOf({}, {unique, Column("vat", "text")}), "safe");
  CatalogueObject cast = Part(ObjectKind::kIndex, "i", "USING btree (((vat)::integer))");
  cast.expression = true;
  EXPECT_EQ(MeaningOf({}, {cast}), "unknown");
}

TEST(RollbackMeaning, OfConstraintsOnNewColumnsIsSafeWhenNullsPass) {
  CatalogueObject check = Part(ObjectKind::kCheck, "c", "CHECK ((age >= 0))");
  check.columns = {"age"};
  EXPECT_EQ(MeaningOf({Column("age", "integer")}, {Column("age", "integer"), check}), "unsafe");
  EXPECT_EQ(MeaningOf({}, {Column("age", "integer"), check}), "safe");
  check.definition = "CHECK ((age IS NOT NULL))";
  EXPECT_EQ(MeaningOf({}, {Column("age", "integer"), check}), "unknown");
}

TEST(RollbackMeaning, OfAnEnumIsSafeWhileItsOldValuesStay) {
  CatalogueObject old_enum = Table("public", "state");
  old_enum.kind = ObjectKind::kEnum;
  old_enum.definition = "open\npaid";
  CatalogueObject more = old_enum;
  more.definition = "draft\nopen\npaid";
  CatalogueObject fewer = old_enum;
  fewer.definition = "open";
  EXPECT_EQ(MeaningOf({old_enum}, {more}), "safe");
  EXPECT_EQ(MeaningOf({old_enum}, {fewer}), "unsafe");
}

TEST(RollbackMeaning, OfWhatNoRuleKnowsIsUnknown) {
  EXPECT_EQ(MeaningOf({}, {Part(ObjectKind::kTrigger, "t", "x")}), "unknown");
}

TEST(RollbackMeaning, IsThatOfTheWorstAndHasAReasonForEach) {
  const auto judged = JudgeChanges(DiffCatalogues(CustomerWith({Column("gone", "text")}),
                                                  CustomerWith({Column("vat", "text")})));
  EXPECT_EQ(judged.meaning, RollbackMeaning::kUnsafe);
  ASSERT_THAT(judged.changes, SizeIs(2));
  EXPECT_THAT(judged.changes[0].reason, HasSubstr("data are gone"));
  EXPECT_EQ(judged.changes[1].meaning, RollbackMeaning::kSafe);
}

}  // namespace
}  // namespace davit::database
