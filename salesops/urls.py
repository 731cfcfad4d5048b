"""Every address of the product."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

import accounts.urls
import orders.urls
import pipeline.urls
import workspace.urls
from catalog.api import (
    FamilyApi,
    FamilyListApi,
    PriceBookApi,
    PriceBookListApi,
    PriceListApi,
    ProductApi,
    ProductListApi,
    ProductPartListApi,
)
from common.api import NothingHere, SchemaApi
from common.development_mail import dev_mail, dev_mail_detail
from common.styleguide import StyleGuide
from forecasts.api import SubmissionListApi
from orders.api.changing import OrderAmendApi, OrderCancelApi, OrderCorrectApi, OrderDayApi, OrderSplitApi
from orders.api.credits import CreditListApi
from orders.api.disputes import DisputeAnswerApi, DisputeApi, DisputeListApi, DisputeWithdrawApi
from orders.api.orders import OrderApi, OrderListApi
from orders.api.progress import OrderProgressApi
from orders.api.winning import (
    OpportunityWinApi,
    OrderRequestApi,
    OrderRequestBackApi,
    OrderRequestCancelApi,
    OrderRequestClaimApi,
    OrderRequestListApi,
)
from pipeline.api.activities import (
    ActivityApi,
    ActivityCompleteApi,
    ActivityListApi,
    OpportunityActivityListApi,
)
from pipeline.api.around import (
    OpportunityCompetitorApi,
    OpportunityCompetitorListApi,
    OpportunityCompetitorRemoveApi,
    OpportunityConcessionApi,
    OpportunityConcessionListApi,
    OpportunityConcessionRemoveApi,
    OpportunityRequirementApi,
    OpportunityRequirementListApi,
    OpportunityRequirementRemoveApi,
    OpportunityStakeholderApi,
    OpportunityStakeholderListApi,
    OpportunityStakeholderRemoveApi,
)
from pipeline.api.events import EventApi, EventListApi, GuestApi, GuestListApi, GuestRemoveApi
from pipeline.api.leads import (
    LeadActivityListApi,
    LeadApi,
    LeadConvertApi,
    LeadDisqualifyApi,
    LeadGiveApi,
    LeadListApi,
    LeadReopenApi,
)
from pipeline.api.lines import OpportunityLineListApi
from pipeline.api.opportunities import (
    OpportunityApi,
    OpportunityCloneApi,
    OpportunityGiveApi,
    OpportunityListApi,
    OpportunityLoseApi,
    OpportunityMergeApi,
    OpportunityStageApi,
)
from pipeline.api.plans import (
    MilestoneApi,
    MilestoneLayOutApi,
    MilestoneListApi,
    MilestoneMeetApi,
    MilestoneRemoveApi,
    MilestoneReopenApi,
    MilestoneReplanApi,
    PlanTemplateListApi,
)
from pipeline.api.sales_models import (
    SalesModelApi,
    SalesModelListApi,
    SalesModelPublishApi,
    SalesModelVersionListApi,
    StageListApi,
)
from pipeline.api.standings import StandingListApi
from pipeline.api.targets import ActivityTargetListApi, TouchListApi
from pipeline.api.team import OpportunitySplitApi, TeamEndApi, TeamListApi, TeamRoleApi
from planning.api.drafts import (
    DraftApi,
    DraftAskApi,
    DraftDropApi,
    DraftListApi,
    DraftMoveApi,
    DraftPreviewApi,
    DraftReopenApi,
    DraftUndoApi,
    MoveRemoveApi,
)
from planning.api.family import AccountFamilyApi, AccountMergeApi, AccountMergeListApi, AccountMergeUndoApi
from planning.api.places import AccountTerritoryListApi, ModuleMoveApi
from planning.api.rule_runs import RuleRunListApi
from planning.api.seats import HandOverDropApi, HandOverListApi, SeatEffectApi, SeatHandOverApi
from planning.api.tree import TerritoryMergeApi, TerritoryRetireApi, TerritorySplitApi
from planning.api.workload import TerritoryWorkloadApi
from quotas.api import AttainmentApi, AttainmentChangesApi, MeasuresApi, QuotaListApi
from salesops.views import app, help, homes, people, search, setup
from salesops.views import settings as settings_pages
from territories.api.partners import PartnerApi, PartnerListApi, PartnerRepApi, PartnerRepListApi
from territories.api.seats import (
    SeatChangeApi,
    SeatEndApi,
    SeatListApi,
    VacancyChangeApi,
    VacancyDropApi,
    VacancyListApi,
)
from territories.api.tree import TerritoryApi, TerritoryListApi, TerritoryMoveApi, TerritoryRenameApi
from workspace.api.beside import CommentListApi, DocumentContentApi, DocumentListApi, DocumentRemoveApi
from workspace.api.saved_views import (
    SavedViewApi,
    SavedViewListApi,
    SavedViewRemoveApi,
    SavedViewUnshareApi,
)

docs = SpectacularSwaggerSplitView.as_view(url_name="api_schema")
api = [
    path("accounts/<int:pk>/family/", AccountFamilyApi.as_view(), name="api_account_family"),
    path("accounts/<int:pk>/merge/", AccountMergeApi.as_view(), name="api_account_merge"),
    path("account-merges/", AccountMergeListApi.as_view(), name="api_account_merge_list"),
    path("account-merges/<int:pk>/undo/", AccountMergeUndoApi.as_view(), name="api_account_merge_undo"),
    path("modules/<int:pk>/move/", ModuleMoveApi.as_view(), name="api_module_move"),
    path("saved-views/", SavedViewListApi.as_view(), name="api_saved_view_list"),
    path("saved-views/<int:pk>/", SavedViewApi.as_view(), name="api_saved_view"),
    path("saved-views/<int:pk>/unshare/", SavedViewUnshareApi.as_view(), name="api_saved_view_unshare"),
    path("saved-views/<int:pk>/remove/", SavedViewRemoveApi.as_view(), name="api_saved_view_remove"),
    path("activities/", ActivityListApi.as_view(), name="api_activity_list"),
    path("activities/<int:pk>/", ActivityApi.as_view(), name="api_activity"),
    path("activities/<int:pk>/complete/", ActivityCompleteApi.as_view(), name="api_activity_complete"),
    path("activity-targets/", ActivityTargetListApi.as_view(), name="api_activity_target_list"),
    path("touches/", TouchListApi.as_view(), name="api_touch_list"),
    path("events/", EventListApi.as_view(), name="api_event_list"),
    path("events/<int:pk>/", EventApi.as_view(), name="api_event"),
    path("events/<int:pk>/guests/", GuestListApi.as_view(), name="api_guest_list"),
    path("events/<int:pk>/guests/<str:who>/<int:row_id>/", GuestApi.as_view(), name="api_guest"),
    path(
        "events/<int:pk>/guests/<str:who>/<int:row_id>/remove/",
        GuestRemoveApi.as_view(),
        name="api_guest_remove",
    ),
    path("leads/", LeadListApi.as_view(), name="api_lead_list"),
    path("leads/<int:pk>/", LeadApi.as_view(), name="api_lead"),
    path("leads/<int:pk>/activities/", LeadActivityListApi.as_view(), name="api_lead_activity_list"),
    path("leads/<int:pk>/give/", LeadGiveApi.as_view(), name="api_lead_give"),
    path("leads/<int:pk>/disqualify/", LeadDisqualifyApi.as_view(), name="api_lead_disqualify"),
    path("leads/<int:pk>/reopen/", LeadReopenApi.as_view(), name="api_lead_reopen"),
    path("leads/<int:pk>/convert/", LeadConvertApi.as_view(), name="api_lead_convert"),
    path("opportunities/", OpportunityListApi.as_view(), name="api_opportunity_list"),
    path("opportunities/standings/", StandingListApi.as_view(), name="api_opportunity_standing_list"),
    path("opportunities/<int:pk>/", OpportunityApi.as_view(), name="api_opportunity"),
    path("opportunities/<int:pk>/stage/", OpportunityStageApi.as_view(), name="api_opportunity_stage"),
    path("opportunities/<int:pk>/win/", OpportunityWinApi.as_view(), name="api_opportunity_win"),
    path("opportunities/<int:pk>/lose/", OpportunityLoseApi.as_view(), name="api_opportunity_lose"),
    path("opportunities/<int:pk>/merge/", OpportunityMergeApi.as_view(), name="api_opportunity_merge"),
    path("opportunities/<int:pk>/clone/", OpportunityCloneApi.as_view(), name="api_opportunity_clone"),
    path("opportunities/<int:pk>/give/", OpportunityGiveApi.as_view(), name="api_opportunity_give"),
    path("opportunities/<int:pk>/lines/", OpportunityLineListApi.as_view(), name="api_opportunity_line_list"),
    path("opportunities/<int:pk>/team/", TeamListApi.as_view(), name="api_team_list"),
    path("opportunities/<int:pk>/team/<int:member_id>/role/", TeamRoleApi.as_view(), name="api_team_role"),
    path("opportunities/<int:pk>/team/<int:member_id>/end/", TeamEndApi.as_view(), name="api_team_end"),
    path("opportunities/<int:pk>/split/", OpportunitySplitApi.as_view(), name="api_opportunity_split"),
    path(
        "opportunities/<int:pk>/activities/",
        OpportunityActivityListApi.as_view(),
        name="api_opportunity_activity_list",
    ),
    path(
        "opportunities/<int:pk>/stakeholders/",
        OpportunityStakeholderListApi.as_view(),
        name="api_stakeholder_list",
    ),
    path(
        "opportunities/<int:pk>/stakeholders/<int:stakeholder_id>/",
        OpportunityStakeholderApi.as_view(),
        name="api_stakeholder",
    ),
    path(
        "opportunities/<int:pk>/stakeholders/<int:stakeholder_id>/remove/",
        OpportunityStakeholderRemoveApi.as_view(),
        name="api_stakeholder_remove",
    ),
    path(
        "opportunities/<int:pk>/competitors/",
        OpportunityCompetitorListApi.as_view(),
        name="api_competitor_list",
    ),
    path(
        "opportunities/<int:pk>/competitors/<int:competitor_id>/",
        OpportunityCompetitorApi.as_view(),
        name="api_competitor",
    ),
    path(
        "opportunities/<int:pk>/competitors/<int:competitor_id>/remove/",
        OpportunityCompetitorRemoveApi.as_view(),
        name="api_competitor_remove",
    ),
    path(
        "opportunities/<int:pk>/requirements/",
        OpportunityRequirementListApi.as_view(),
        name="api_requirement_list",
    ),
    path(
        "opportunities/<int:pk>/requirements/<int:requirement_id>/",
        OpportunityRequirementApi.as_view(),
        name="api_requirement",
    ),
    path(
        "opportunities/<int:pk>/requirements/<int:requirement_id>/remove/",
        OpportunityRequirementRemoveApi.as_view(),
        name="api_requirement_remove",
    ),
    path(
        "opportunities/<int:pk>/concessions/",
        OpportunityConcessionListApi.as_view(),
        name="api_concession_list",
    ),
    path(
        "opportunities/<int:pk>/concessions/<int:concession_id>/",
        OpportunityConcessionApi.as_view(),
        name="api_concession",
    ),
    path(
        "opportunities/<int:pk>/concessions/<int:concession_id>/remove/",
        OpportunityConcessionRemoveApi.as_view(),
        name="api_concession_remove",
    ),
    path("opportunities/<int:pk>/milestones/", MilestoneListApi.as_view(), name="api_milestone_list"),
    path(
        "opportunities/<int:pk>/milestones/lay-out/",
        MilestoneLayOutApi.as_view(),
        name="api_milestone_lay_out",
    ),
    path("milestones/<int:pk>/", MilestoneApi.as_view(), name="api_milestone"),
    path("milestones/<int:pk>/re-plan/", MilestoneReplanApi.as_view(), name="api_milestone_replan"),
    path("milestones/<int:pk>/met/", MilestoneMeetApi.as_view(), name="api_milestone_meet"),
    path("milestones/<int:pk>/reopen/", MilestoneReopenApi.as_view(), name="api_milestone_reopen"),
    path("milestones/<int:pk>/remove/", MilestoneRemoveApi.as_view(), name="api_milestone_remove"),
    path("plan-templates/", PlanTemplateListApi.as_view(), name="api_plan_template_list"),
    path("comments/<str:subject>/<int:pk>/", CommentListApi.as_view(), name="api_comment_list"),
    path("documents/<str:subject>/<int:pk>/", DocumentListApi.as_view(), name="api_document_list"),
    path("documents/<int:pk>/content/", DocumentContentApi.as_view(), name="api_document_content"),
    path("documents/<int:pk>/remove/", DocumentRemoveApi.as_view(), name="api_document_remove"),
    path("families/", FamilyListApi.as_view(), name="api_family_list"),
    path("families/<int:pk>/", FamilyApi.as_view(), name="api_family"),
    path("products/", ProductListApi.as_view(), name="api_product_list"),
    path("products/<int:pk>/", ProductApi.as_view(), name="api_product"),
    path("products/<int:pk>/parts/", ProductPartListApi.as_view(), name="api_product_part_list"),
    path("price-books/", PriceBookListApi.as_view(), name="api_price_book_list"),
    path("price-books/<int:pk>/", PriceBookApi.as_view(), name="api_price_book"),
    path("price-books/<int:pk>/prices/", PriceListApi.as_view(), name="api_price_list"),
    path("sales-models/", SalesModelListApi.as_view(), name="api_sales_model_list"),
    path("sales-models/<int:pk>/", SalesModelApi.as_view(), name="api_sales_model"),
    path("sales-models/<int:pk>/publish/", SalesModelPublishApi.as_view(), name="api_sales_model_publish"),
    path(
        "sales-models/<int:pk>/versions/",
        SalesModelVersionListApi.as_view(),
        name="api_sales_model_version_list",
    ),
    path("stages/", StageListApi.as_view(), name="api_stage_list"),
    path("orders/", OrderListApi.as_view(), name="api_order_list"),
    path("orders/awaiting/", OrderRequestListApi.as_view(), name="api_order_request_list"),
    path("orders/awaiting/<int:pk>/", OrderRequestApi.as_view(), name="api_order_request"),
    path("orders/awaiting/<int:pk>/claim/", OrderRequestClaimApi.as_view(), name="api_order_request_claim"),
    path(
        "orders/awaiting/<int:pk>/cancel/", OrderRequestCancelApi.as_view(), name="api_order_request_cancel"
    ),
    path("orders/awaiting/<int:pk>/back/", OrderRequestBackApi.as_view(), name="api_order_request_back"),
    path("credits/", CreditListApi.as_view(), name="api_credit_list"),
    path("disputes/", DisputeListApi.as_view(), name="api_dispute_list"),
    path("disputes/<int:pk>/", DisputeApi.as_view(), name="api_dispute"),
    path("disputes/<int:pk>/answer/", DisputeAnswerApi.as_view(), name="api_dispute_answer"),
    path("disputes/<int:pk>/withdraw/", DisputeWithdrawApi.as_view(), name="api_dispute_withdraw"),
    path("orders/<int:pk>/", OrderApi.as_view(), name="api_order"),
    path("orders/<int:pk>/correct/", OrderCorrectApi.as_view(), name="api_order_correct"),
    path("orders/<int:pk>/amend/", OrderAmendApi.as_view(), name="api_order_amend"),
    path("orders/<int:pk>/split/", OrderSplitApi.as_view(), name="api_order_split"),
    path("orders/<int:pk>/day/", OrderDayApi.as_view(), name="api_order_day"),
    path("orders/<int:pk>/progress/", OrderProgressApi.as_view(), name="api_order_progress"),
    path("orders/<int:pk>/cancel/", OrderCancelApi.as_view(), name="api_order_cancel"),
    path("quotas/", QuotaListApi.as_view(), name="api_quota_list"),
    path("attainment/", AttainmentApi.as_view(), name="api_attainment"),
    path("attainment/changes/", AttainmentChangesApi.as_view(), name="api_attainment_changes"),
    path("insight/measures/", MeasuresApi.as_view(), name="api_insight_measures"),
    path("submissions/", SubmissionListApi.as_view(), name="api_submission_list"),
    path("territories/", TerritoryListApi.as_view(), name="api_territory_list"),
    path("territories/<int:pk>/", TerritoryApi.as_view(), name="api_territory"),
    path("territories/<int:pk>/move/", TerritoryMoveApi.as_view(), name="api_territory_move"),
    path("territories/<int:pk>/rename/", TerritoryRenameApi.as_view(), name="api_territory_rename"),
    path("territories/<int:pk>/retire/", TerritoryRetireApi.as_view(), name="api_territory_retire"),
    path("territories/<int:pk>/merge/", TerritoryMergeApi.as_view(), name="api_territory_merge"),
    path("territories/<int:pk>/split/", TerritorySplitApi.as_view(), name="api_territory_split"),
    path("partners/", PartnerListApi.as_view(), name="api_partner_list"),
    path("partners/<int:pk>/", PartnerApi.as_view(), name="api_partner"),
    path("partners/<int:pk>/people/", PartnerRepListApi.as_view(), name="api_partner_rep_list"),
    path("partners/people/<int:pk>/", PartnerRepApi.as_view(), name="api_partner_rep"),
    path("seats/", SeatListApi.as_view(), name="api_seat_list"),
    path("territories/<int:pk>/workload/", TerritoryWorkloadApi.as_view(), name="api_territory_workload"),
    path("seats/effect/", SeatEffectApi.as_view(), name="api_seat_effect"),
    path("seats/<int:pk>/change/", SeatChangeApi.as_view(), name="api_seat_change"),
    path("seats/<int:pk>/hand-over/", SeatHandOverApi.as_view(), name="api_seat_hand_over"),
    path("hand-overs/", HandOverListApi.as_view(), name="api_hand_over_list"),
    path("hand-overs/<int:pk>/drop/", HandOverDropApi.as_view(), name="api_hand_over_drop"),
    path("seats/<int:pk>/end/", SeatEndApi.as_view(), name="api_seat_end"),
    path("vacancies/", VacancyListApi.as_view(), name="api_vacancy_list"),
    path("vacancies/<int:pk>/change/", VacancyChangeApi.as_view(), name="api_vacancy_change"),
    path("vacancies/<int:pk>/drop/", VacancyDropApi.as_view(), name="api_vacancy_drop"),
    path("rules/runs/", RuleRunListApi.as_view(), name="api_rule_run_list"),
    path("account-territories/", AccountTerritoryListApi.as_view(), name="api_account_territory_list"),
    path("realignments/", DraftListApi.as_view(), name="api_draft_list"),
    path("realignments/<int:pk>/", DraftApi.as_view(), name="api_draft"),
    path("realignments/<int:pk>/moves/", DraftMoveApi.as_view(), name="api_draft_move"),
    path("realignments/<int:pk>/preview/", DraftPreviewApi.as_view(), name="api_draft_preview"),
    path("realignments/<int:pk>/ask/", DraftAskApi.as_view(), name="api_draft_ask"),
    path("realignments/<int:pk>/reopen/", DraftReopenApi.as_view(), name="api_draft_reopen"),
    path("realignments/<int:pk>/drop/", DraftDropApi.as_view(), name="api_draft_drop"),
    path("realignments/<int:pk>/undo/", DraftUndoApi.as_view(), name="api_draft_undo"),
    path("realignments/moves/<int:pk>/remove/", MoveRemoveApi.as_view(), name="api_move_remove"),
    *accounts.urls.for_programs,
    *pipeline.urls.for_programs,
    *orders.urls.for_programs,
    *workspace.urls.for_programs,
    path("schema/", SchemaApi.as_view(), name="api_schema"),
    path("docs/", login_required(docs), name="api_docs"),
    path("", NothingHere.as_view(), name="api_nothing"),
    path("<path:rest>", NothingHere.as_view(), name="api_nothing_below"),
]

handler400 = "common.middleware.unfit"
handler403 = "common.middleware.not_theirs"
handler404 = "common.middleware.nothing_here"
handler500 = "common.middleware.broken"
urlpatterns = [
    path("", homes.home, name="home"),
    path("setup/", setup.setup, name="setup"),
    path("setup/company/", setup.setup_company, name="setup_company"),
    path("setup/guide/", setup.setup_guide, name="setup_guide"),
    path("setup/finish/", setup.setup_finish, name="setup_finish"),
    path("setup/night/", setup.setup_night, name="setup_night"),
    path("search/", search.search, name="search"),
    path("search/found/", search.search_found, name="search_found"),
    path("definitions/", homes.definitions, name="definitions"),
    path("people/<int:pk>/pages/", people.person_pages_panel, name="person_pages_panel"),
    path("help/", help.help_page, name="help_page"),
    path("help/tour/", help.tour, name="tour"),
    path("help/tour/seen/", help.tour_seen, name="tour_seen"),
    path("settings/", settings_pages.settings_home, name="settings_home"),
    path("settings/policies/<str:name>/", settings_pages.policy_edit, name="policy_edit"),
    path("settings/policies/<str:name>/effect/", settings_pages.policy_effect, name="policy_effect"),
    path("app/manifest.webmanifest", app.app_manifest, name="app_manifest"),
    path("app/worker.js", app.app_worker, name="app_worker"),
    path("app/offline/", app.app_offline, name="app_offline"),
    path("health/live/", homes.health_live, name="health_live"),
    path("health/ready/", homes.health_ready, name="health_ready"),
    path("sign-in/email/", homes.closed, name="closed"),
    path("sign-in/", include("allauth.account.urls")),
    path("", include("common.urls")),
    path("", include("territories.urls")),
    path("", include("workspace.urls")),
    path("catalogue/", include("catalog.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("pipeline.urls")),
    path("orders/", include("orders.urls")),
    path("quotas/", include("quotas.urls")),
    path("forecasts/", include("forecasts.urls")),
    path("", include("planning.urls")),
    path("", include("imports.urls")),
    path("api/v1/", include(api)),
]

if settings.ENVIRONMENT != "production":
    urlpatterns += [
        path("styleguide/", StyleGuide.as_view(), name="styleguide"),
        path("dev/mail/", dev_mail, name="dev_mail"),
        path("dev/mail/<str:key>/", dev_mail_detail, name="dev_mail_detail"),
    ]
