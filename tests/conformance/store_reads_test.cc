#include "tests/conformance/store_fixture.h"

// What store.h says of reads and single writes, held against every store.
namespace davit::test {
namespace {

using store::ReadTxn;
using store::Txn;
using testing::ElementsAre;
using testing::IsEmpty;

TYPED_TEST(StoreConformance, HasAnIdentityThatStays) {
  const auto read = [](ReadTxn& txn) { return txn.Identity(); };
  const store::StoreIdentity identity = this->Find(read);
  EXPECT_EQ(identity.cluster_id.size(), 32u);
  EXPECT_EQ(identity.controller_id.size(), 32u);
  EXPECT_NE(identity.cluster_id, identity.controller_id);
  EXPECT_EQ(identity.restored, absl::InfinitePast());
  EXPECT_EQ(this->Find(read).cluster_id, identity.cluster_id);
  EXPECT_EQ(this->Find(read).controller_id, identity.controller_id);
}

TYPED_TEST(StoreConformance, ReturnsADeploymentWithItsStepsInOrder) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-2")).ok());
    for (int i = 11; i >= 0; --i) {
      EXPECT_TRUE(txn.PutStep("d-1", i, StepNamed(absl::StrCat(i))).ok());
    }
    return txn.PutStep("d-2", 0, StepNamed("of another"));
  });
  const auto state = this->Find([](ReadTxn& txn) { return txn.GetDeployment("d-1"); });
  EXPECT_EQ(state.record.SerializeAsString(), Record("d-1").SerializeAsString());
  ASSERT_EQ(state.steps.size(), 12u);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(state.steps[i].view().title(), absl::StrCat(i));
}

TYPED_TEST(StoreConformance, SaysNotFoundOfAnUnknownDeployment) {
  const absl::Status status =
      this->store_->View([](ReadTxn& txn) { return txn.GetDeployment("d-9").status(); });
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
}

TYPED_TEST(StoreConformance, PutsARecordAgainWithoutTouchingItsSteps) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::PENDING)).ok());
    EXPECT_TRUE(txn.PutStep("d-1", 0, StepNamed("old")).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::RUNNING)).ok());
    return txn.PutStep("d-1", 0, StepNamed("new"));
  });
  const auto state = this->Find([](ReadTxn& txn) { return txn.GetDeployment("d-1"); });
  EXPECT_EQ(state.record.view().state(), v1::RUNNING);
  ASSERT_EQ(state.steps.size(), 1u);
  EXPECT_EQ(state.steps[0].view().title(), "new");
}

TYPED_TEST(StoreConformance, RefusesARecordWithSteps) {
  state::v1::DeploymentRecord record = Record("d-1");
  record.mutable_view()->add_steps();
  const absl::Status status =
      this->store_->Update([&](Txn& txn) { return txn.PutDeployment(record); });
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TYPED_TEST(StoreConformance, RefusesStepsAndEventsOfNoDeployment) {
  absl::Status status =
      this->store_->Update([](Txn& txn) { return txn.PutStep("d-9", 0, StepNamed("lost")); });
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  status = this->store_->Update([](Txn& txn) { return txn.AppendEvents({NoteEvent("d-9", 1)}); });
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
}

TYPED_TEST(StoreConformance, FindsDeploymentsByTheBeginningOfTheirIds) {
  this->Write([](Txn& txn) {
    for (const char* id : {"d-ab2", "d-ab1", "d-ac1", "d-b", "d-a\u00e9"}) {
      EXPECT_TRUE(txn.PutDeployment(Record(id)).ok());
    }
    return absl::OkStatus();
  });
  const auto find = [&](absl::string_view prefix, int limit) {
    return this->Find([&](ReadTxn& txn) { return txn.FindDeployments(prefix, limit); });
  };
  EXPECT_THAT(find("d-ab", 10), ElementsAre("d-ab1", "d-ab2"));
  EXPECT_THAT(find("d-a", 2), ElementsAre("d-ab1", "d-ab2"));
  EXPECT_THAT(find("d-a\u00e9", 2), ElementsAre("d-a\u00e9"));
  EXPECT_THAT(find("", 1), ElementsAre("d-ab1"));
  EXPECT_THAT(find("", 0), IsEmpty());
  EXPECT_THAT(find("d-ab%", 10), IsEmpty());
}

TYPED_TEST(StoreConformance, ListsDeploymentsNewestFirstByProjectAndEnvironment) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::FAILED, "shop", "dev")).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-2", v1::FAILED, "shop", "prod")).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-3", v1::FAILED, "blog", "dev")).ok());
    return txn.PutDeployment(Record("d-4", v1::RUNNING, "shop", "dev"));
  });
  const auto list = [&](store::DeploymentFilter filter) {
    return IdsOf(this->Find([&](ReadTxn& txn) { return txn.ListDeployments(filter); }));
  };
  EXPECT_THAT(list({}), ElementsAre("d-4", "d-3", "d-2", "d-1"));
  EXPECT_THAT(list({"shop", "", "", 50}), ElementsAre("d-4", "d-2", "d-1"));
  EXPECT_THAT(list({"", "dev", "", 50}), ElementsAre("d-4", "d-3", "d-1"));
  EXPECT_THAT(list({"shop", "dev", "", 50}), ElementsAre("d-4", "d-1"));
  EXPECT_THAT(list({"shop", "dev", "d-4", 50}), ElementsAre("d-1"));
  EXPECT_THAT(list({"", "", "d-4", 2}), ElementsAre("d-3", "d-2"));
  EXPECT_THAT(list({"nobody", "", "", 50}), IsEmpty());
}

TYPED_TEST(StoreConformance, KnowsTheUnfinishedDeploymentsOldestFirst) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-3", v1::PENDING)).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-2", v1::ROLLING_BACK)).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::RUNNING)).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-0", v1::RUNNING)).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-4", v1::NEEDS_ATTENTION)).ok());
    return txn.PutDeployment(Record("d-0", v1::SUCCEEDED));
  });
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.UnfinishedDeployments(); }),
              ElementsAre("d-1", "d-2", "d-3"));
}

TYPED_TEST(StoreConformance, FindsTheDeploymentOfARequestAndKeepsRequestsUnique) {
  this->Write([](Txn& txn) { return txn.PutDeployment(Record("d-1")); });
  const auto find = [&](absl::string_view request) {
    return this->Find([&](ReadTxn& txn) { return txn.FindRequest(request); });
  };
  EXPECT_EQ(find("request of d-1"), "d-1");
  EXPECT_EQ(find("another"), std::nullopt);
  state::v1::DeploymentRecord other = Record("d-2");
  other.set_request_id("request of d-1");
  const absl::Status status =
      this->store_->Update([&](Txn& txn) { return txn.PutDeployment(other); });
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
}

TYPED_TEST(StoreConformance, LetsManyDeploymentsHaveNoRequestId) {
  this->Write([](Txn& txn) {
    for (const char* id : {"d-1", "d-2"}) {
      state::v1::DeploymentRecord record = Record(id);
      record.clear_request_id();
      EXPECT_TRUE(txn.PutDeployment(record).ok());
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(this->Find([](ReadTxn& txn) { return txn.FindRequest(""); }), std::nullopt);
}

TYPED_TEST(StoreConformance, ReadsEventsAfterASequenceInOrder) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-2")).ok());
    EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-2", 1)}).ok());
    return txn.AppendEvents(
        {NoteEvent("d-1", 1), NoteEvent("d-1", 2), NoteEvent("d-1", 3), NoteEvent("d-1", 4)});
  });
  EXPECT_THAT(SequencesOf(this->Events("d-1")), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(SequencesOf(this->Events("d-1", 2)), ElementsAre(3, 4));
  EXPECT_THAT(SequencesOf(this->Events("d-1", 1, 2)), ElementsAre(2, 3));
  EXPECT_THAT(this->Events("d-1", 4), IsEmpty());
  EXPECT_THAT(this->Events("d-9"), IsEmpty());
}

TYPED_TEST(StoreConformance, KeepsLogsByteForByte) {
  std::string every_byte;
  for (int i = 0; i < 65536; ++i) every_byte.push_back(static_cast<char>(i * 7 + i / 256));
  const std::string compressible(65536, 'x');
  this->Write([&](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    return txn.AppendEvents({LogEvent("d-1", 1, every_byte), LogEvent("d-1", 2, compressible),
                             LogEvent("d-1", 3, "short"), LogEvent("d-1", 4, "")});
  });
  const auto events = this->Events("d-1");
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].log().data(), every_byte);
  EXPECT_EQ(events[1].log().data(), compressible);
  EXPECT_EQ(events[2].log().data(), "short");
  EXPECT_TRUE(events[3].has_log());
}

TYPED_TEST(StoreConformance, RefusesAnEventNumberThatIsTaken) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    return txn.AppendEvents({NoteEvent("d-1", 1, "first")});
  });
  const absl::Status status = this->store_->Update([](Txn& txn) {
    return txn.AppendEvents({NoteEvent("d-1", 2), NoteEvent("d-1", 1, "again")});
  });
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  const auto events = this->Events("d-1");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].note().text(), "first");
}

TYPED_TEST(StoreConformance, KeepsOneLockForEachEnvironment) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutLock(LockOf("dev", "d-1", 1)).ok());
    EXPECT_TRUE(txn.PutLock(LockOf("prod", "d-2", 7)).ok());
    return txn.PutLock(LockOf("dev", "", 2));
  });
  const auto find = [&](const char* environment) {
    return this->Find([&](ReadTxn& txn) { return txn.GetLock("shop", environment); });
  };
  EXPECT_EQ(find("dev")->fence(), 2);
  EXPECT_EQ(find("dev")->deployment_id(), "");
  EXPECT_EQ(find("prod")->deployment_id(), "d-2");
  EXPECT_EQ(find("staging"), std::nullopt);
}

TYPED_TEST(StoreConformance, ListsTheLocksByProjectAndEnvironment) {
  this->Write([](Txn& txn) {
    state::v1::LockRecord other = LockOf("zone", "", 4);
    other.set_project("blog");
    (*other.mutable_next_release())["web"] = 12;
    EXPECT_TRUE(txn.PutLock(LockOf("prod", "d-2", 7)).ok());
    EXPECT_TRUE(txn.PutLock(LockOf("dev", "", 1)).ok());
    return txn.PutLock(other);
  });
  const auto locks = this->Find([](ReadTxn& txn) { return txn.ListLocks(); });
  ASSERT_EQ(locks.size(), 3u);
  EXPECT_EQ(locks[0].environment(), "zone");
  EXPECT_EQ(locks[0].next_release().at("web"), 12);
  EXPECT_EQ(locks[1].environment(), "dev");
  EXPECT_EQ(locks[2].fence(), 7);
}

TYPED_TEST(StoreConformance, HasNoLocksAndNoHostsAtFirst) {
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.ListLocks(); }), IsEmpty());
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.ListHosts(); }), IsEmpty());
}

TYPED_TEST(StoreConformance, SaysOfADeploymentTheNumberOfItsLastEvent) {
  this->Write([](Txn& txn) {
    for (const char* id : {"d-1", "d-2", "d-3"}) EXPECT_TRUE(txn.PutDeployment(Record(id)).ok());
    EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-1", 1), NoteEvent("d-3", 1)}).ok());
    return txn.AppendEvents({NoteEvent("d-3", 2), NoteEvent("d-3", 3)});
  });
  const auto last = [&](const char* id) {
    const auto state = this->Find([&](ReadTxn& txn) { return txn.GetDeployment(id); });
    return state.record.view().last_sequence();
  };
  EXPECT_EQ(last("d-1"), 1);
  EXPECT_EQ(last("d-2"), 0);
  EXPECT_EQ(last("d-3"), 3);
  std::vector<int64_t> listed;
  for (const auto& record : this->Find([](ReadTxn& txn) { return txn.ListDeployments({}); })) {
    listed.push_back(record.view().last_sequence());
  }
  EXPECT_THAT(listed, ElementsAre(3, 0, 1));
}

TYPED_TEST(StoreConformance, TrustsTheJournalAndNotTheRecordForTheLastEvent) {
  this->Write([](Txn& txn) {
    state::v1::DeploymentRecord record = Record("d-1");
    record.mutable_view()->set_last_sequence(9);
    EXPECT_TRUE(txn.PutDeployment(record).ok());
    EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-1", 1)}).ok());
    EXPECT_EQ(txn.GetDeployment("d-1")->record.view().last_sequence(), 1);
    return txn.AppendEvents({NoteEvent("d-1", 2)});
  });
  const auto state = this->Find([](ReadTxn& txn) { return txn.GetDeployment("d-1"); });
  EXPECT_EQ(state.record.view().last_sequence(), 2);
}

TYPED_TEST(StoreConformance, KeepsHostsByName) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutHost(HostAt("web2", "10.0.0.2:7180")).ok());
    EXPECT_TRUE(txn.PutHost(HostAt("web1", "10.0.0.1:7180")).ok());
    return txn.PutHost(HostAt("web2", "10.0.0.9:7180"));
  });
  const auto hosts = this->Find([](ReadTxn& txn) { return txn.ListHosts(); });
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].name(), "web1");
  EXPECT_EQ(hosts[1].address(), "10.0.0.9:7180");
  const auto host = this->Find([](ReadTxn& txn) { return txn.GetHost("web1"); });
  EXPECT_EQ(host.SerializeAsString(), HostAt("web1", "10.0.0.1:7180").SerializeAsString());
}

TYPED_TEST(StoreConformance, RemovesAHostOnce) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutHost(HostAt("web1", "unix:/w1")).ok());
    return txn.PutHost(HostAt("web2", "unix:/w2"));
  });
  this->Write([](Txn& txn) { return txn.RemoveHost("web1"); });
  const absl::Status again = this->store_->Update([](Txn& txn) { return txn.RemoveHost("web1"); });
  EXPECT_TRUE(absl::IsNotFound(again)) << again;
  const absl::Status gone =
      this->store_->View([](ReadTxn& txn) { return txn.GetHost("web1").status(); });
  EXPECT_TRUE(absl::IsNotFound(gone)) << gone;
  EXPECT_EQ(this->Find([](ReadTxn& txn) { return txn.ListHosts(); }).size(), 1u);
}

TYPED_TEST(StoreConformance, ListsReleasesNewestFirst) {
  this->Write([](Txn& txn) {
    for (int number : {2, 10, 1, 9}) {
      EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(number, false)).ok());
    }
    return txn.PutRelease(ReleaseNumbered(3, false, "worker"));
  });
  const auto releases =
      this->Find([](ReadTxn& txn) { return txn.ListReleases("shop", "dev", "web", 3); });
  ASSERT_EQ(releases.size(), 3u);
  EXPECT_EQ(releases[0].view().number(), 10);
  EXPECT_EQ(releases[1].view().number(), 9);
  EXPECT_EQ(releases[2].view().number(), 2);
}

TYPED_TEST(StoreConformance, HasOneLiveReleaseOfAnApp) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(1, true)).ok());
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(1, true, "worker")).ok());
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(2, true)).ok());
    return txn.PutRelease(ReleaseNumbered(3, false));
  });
  const auto live = this->Find([](ReadTxn& txn) { return txn.LiveReleases("shop", "dev"); });
  ASSERT_EQ(live.size(), 2u);
  EXPECT_EQ(live[0].view().app(), "web");
  EXPECT_EQ(live[0].view().number(), 2);
  EXPECT_EQ(live[1].view().app(), "worker");
  for (const auto& release :
       this->Find([](ReadTxn& txn) { return txn.ListReleases("shop", "dev", "web", 9); })) {
    EXPECT_EQ(release.view().live(), release.view().number() == 2);
  }
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.LiveReleases("shop", "prod"); }), IsEmpty());
}

TYPED_TEST(StoreConformance, MakesAnOlderReleaseLiveAgain) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(1, true)).ok());
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(2, true)).ok());
    return txn.PutRelease(ReleaseNumbered(1, true));
  });
  const auto live = this->Find([](ReadTxn& txn) { return txn.LiveReleases("shop", "dev"); });
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].view().number(), 1);
}

}  // namespace
}  // namespace davit::test
